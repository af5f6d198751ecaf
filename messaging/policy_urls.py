"""Pages of the sending rules, at the root of a company."""

from django.urls import path

from messaging.views import policy, why

urlpatterns = [
    path("settings/sending/", policy.edit, name="sending-policy"),
    path("messages/<uuid:id>/why/", why.show, name="message-why"),
]
