"""Where people come back to from another system's page: on the platform's host, which alone knows
who they are."""

from django.urls import path

from integrations.views import gallery

urlpatterns = [
    path("integrations/<slug:provider>/callback/", gallery.callback, name="integration-callback"),
]
