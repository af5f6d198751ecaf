from django.urls import path

from messaging.views import templates

urlpatterns = [
    path("", templates.index, name="templates"),
    path("sync/", templates.sync, name="template-sync"),
    path("new/", templates.new, name="template-new"),
    path("preview/", templates.preview, name="template-preview"),
    path("<uuid:id>/", templates.show, name="template"),
    path("<uuid:id>/edit/", templates.edit, name="template-edit"),
    path("<uuid:id>/submit/", templates.submit, name="template-submit"),
    path("<uuid:id>/fallbacks/", templates.fallbacks, name="template-fallbacks"),
    path("<uuid:id>/delete/", templates.delete, name="template-delete"),
]
