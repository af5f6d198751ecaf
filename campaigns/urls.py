from django.urls import path

from campaigns.views import audience, checking, message, running, when

urlpatterns = [
    path("", running.index, name="campaigns"),
    path("new/", audience.create, name="campaign-new"),
    path("count/", audience.count, name="campaign-count"),
    path("<uuid:id>/", running.show, name="campaign"),
    path("<uuid:id>/audience/", audience.audience, name="campaign-audience"),
    path("<uuid:id>/message/", message.message, name="campaign-message"),
    path("<uuid:id>/message/versions/", message.versions, name="campaign-versions"),
    path("<uuid:id>/message/preview/", message.preview, name="campaign-preview"),
    path("<uuid:id>/message/templates/", message.templates, name="campaign-templates"),
    path("<uuid:id>/when/", when.when, name="campaign-when"),
    path("<uuid:id>/check/", checking.check, name="campaign-check"),
    path("<uuid:id>/check/found/", checking.found, name="campaign-found"),
    path("<uuid:id>/send/", checking.send, name="campaign-send"),
    path("<uuid:id>/send/ready/", checking.ready, name="campaign-ready"),
    path("<uuid:id>/delete/", running.delete, name="campaign-delete"),
    path("<uuid:id>/progress/", running.progress, name="campaign-progress"),
    path("<uuid:id>/recipients/", running.recipients, name="campaign-recipients"),
    path("<uuid:id>/start/", running.act, {"verb": "start"}, name="campaign-start"),
    path("<uuid:id>/pause/", running.act, {"verb": "pause"}, name="campaign-pause"),
    path("<uuid:id>/resume/", running.act, {"verb": "resume"}, name="campaign-resume"),
    path("<uuid:id>/cancel/", running.act, {"verb": "cancel"}, name="campaign-cancel"),
]
