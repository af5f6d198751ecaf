"""Pages of the platform that belong to no company."""

from django.urls import path

from tenants.views import invitations, platform

urlpatterns = [
    path("", platform.companies, name="companies"),
    path("new/", platform.company_new, name="company-new"),
    path("language/", platform.language, name="language"),
    path("invitations/<uuid:id>/accept/", invitations.accept, name="invitation-accept"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
]
