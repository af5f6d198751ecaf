"""Where providers post to. The addresses are a contract; the slug says who speaks there."""

from django.urls import path

from webhooks.ingress import views

_META = {"provider": "whatsapp_cloud"}

urlpatterns = [
    path("meta/", views.callback, _META, name="webhook-meta"),
    path("meta/<slug:token>/", views.callback, _META, name="webhook-meta-token"),
]
