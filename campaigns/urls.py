from django.urls import path

from campaigns.views import (
    acting,
    audience,
    checking,
    exports,
    listing,
    message,
    report,
    when,
)

urlpatterns = [
    path("", listing.index, name="campaigns"),
    path("new/", audience.create, name="campaign-new"),
    path("count/", audience.count, name="campaign-count"),
    path("stories/<uuid:id>/", report.story, name="campaign-story"),
    path("<uuid:id>/", report.show, name="campaign"),
    path("<uuid:id>/progress/", report.progress, name="campaign-progress"),
    path("<uuid:id>/details/", report.details, name="campaign-details"),
    path("<uuid:id>/recipients/", report.recipients, name="campaign-recipients"),
    path("<uuid:id>/exports/", exports.create, name="campaign-exports"),
    path("exports/<uuid:id>/", exports.download, name="campaign-export"),
    # --- the steps
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
    # --- what people do
    path("<uuid:id>/start/", acting.act, {"verb": "start"}, name="campaign-start"),
    path("<uuid:id>/pause/", acting.act, {"verb": "pause"}, name="campaign-pause"),
    path("<uuid:id>/resume/", acting.act, {"verb": "resume"}, name="campaign-resume"),
    path("<uuid:id>/cancel/", acting.act, {"verb": "cancel"}, name="campaign-cancel"),
    path("<uuid:id>/resend/", acting.resend, name="campaign-resend"),
    path("<uuid:id>/winner/", acting.choose_winner, name="campaign-winner"),
    path("<uuid:id>/clone/", listing.clone, name="campaign-clone"),
    path("<uuid:id>/archive/", listing.archive, name="campaign-archive"),
    path("<uuid:id>/unarchive/", listing.unarchive, name="campaign-unarchive"),
    path("<uuid:id>/delete/", listing.delete, name="campaign-delete"),
]
