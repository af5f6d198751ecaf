from django.urls import path

from integrations.views import gallery, showing

urlpatterns = [
    path("", gallery.index, name="integrations"),
    path("new/", gallery.new, name="integration-new"),
    path("<uuid:id>/", showing.show, name="integration"),
    path("<uuid:id>/preferences/", showing.preferences, name="integration-preferences"),
    path("<uuid:id>/fields/", showing.fields, name="integration-fields"),
    path("<uuid:id>/queue/", showing.queue, name="integration-queue"),
    path("<uuid:id>/queue/retry/", showing.retry, name="integration-retry"),
    path("queue/<uuid:id>/retry/", showing.retry_one, name="integration-push-retry"),
    path("<uuid:id>/interval/", showing.interval, name="integration-interval"),
    path("<uuid:id>/sync/", showing.sync, name="integration-sync"),
    path("<uuid:id>/stop/", showing.stop, name="integration-stop"),
    path("<uuid:id>/disconnect/", showing.disconnect, name="integration-disconnect"),
]
