"""Where providers post to. The addresses are a contract; the slug says who speaks there."""

from django.urls import path

from webhooks.ingress import source_views, views

_META = {"provider": "whatsapp_cloud"}
_TWILIO = {"provider": "twilio_sms"}

urlpatterns = [
    path("meta/", views.callback, _META, name="webhook-meta"),
    path("meta/<slug:token>/", views.callback, _META, name="webhook-meta-token"),
    path("twilio/<slug:token>/", views.callback, _TWILIO, name="webhook-twilio"),
    path("in/<slug:token>/", source_views.receive, name="webhook-source"),
]
