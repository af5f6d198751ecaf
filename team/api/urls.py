from django.urls import include, path
from rest_framework.routers import SimpleRouter

from team.api import views

router = SimpleRouter()
router.register("members", views.MemberViewSet, basename="api-member")

urlpatterns = [
    path("me/", views.MeView.as_view(), name="api-me"),
    path("", include(router.urls)),
]
