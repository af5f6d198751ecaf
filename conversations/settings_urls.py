"""Pages of the inbox among the company's settings."""

from django.urls import path

from conversations.views import canned, hours, inbox_settings, labels

urlpatterns = [
    path("settings/inbox/", inbox_settings.index, name="inbox-settings"),
    path("settings/hours/", hours.index, name="business-hours"),
    path("settings/labels/", labels.index, name="labels"),
    path("settings/labels/new/", labels.new, name="label-new"),
    path("settings/labels/<uuid:id>/", labels.edit, name="label-edit"),
    path("settings/labels/<uuid:id>/delete/", labels.delete, name="label-delete"),
    path("settings/canned-replies/", canned.index, name="canned-replies"),
    path("settings/canned-replies/new/", canned.new, name="canned-reply-new"),
    path("settings/canned-replies/<uuid:id>/", canned.edit, name="canned-reply-edit"),
    path("settings/canned-replies/<uuid:id>/delete/", canned.delete, name="canned-reply-delete"),
]
