from django.urls import path

from campaigns.views import editing, running

urlpatterns = [
    path("", running.index, name="campaigns"),
    path("new/", editing.create, name="campaign-new"),
    path("new/message/", editing.variables, name="campaign-message"),
    path("new/audience/", editing.audience, name="campaign-audience"),
    path("<uuid:id>/", running.show, name="campaign"),
    path("<uuid:id>/edit/", editing.edit, name="campaign-edit"),
    path("<uuid:id>/delete/", editing.delete, name="campaign-delete"),
    path("<uuid:id>/check/", running.check, name="campaign-check"),
    path("<uuid:id>/progress/", running.progress, name="campaign-progress"),
    path("<uuid:id>/recipients/", running.recipients, name="campaign-recipients"),
    path("<uuid:id>/start/", running.act, {"verb": "start"}, name="campaign-start"),
    path("<uuid:id>/pause/", running.act, {"verb": "pause"}, name="campaign-pause"),
    path("<uuid:id>/resume/", running.act, {"verb": "resume"}, name="campaign-resume"),
    path("<uuid:id>/cancel/", running.act, {"verb": "cancel"}, name="campaign-cancel"),
]
