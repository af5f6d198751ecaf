"""Sockets only: `daphne config.asgi:application`. Pages are served by granian as WSGI."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
django.setup()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 -- needs the apps loaded
from django.urls import path  # noqa: E402

from core import memory  # noqa: E402
from core.consumers import CompanyConsumer  # noqa: E402

application = ProtocolTypeRouter(
    {
        "websocket": URLRouter(
            [path("ws/c/<slug:slug>/", CompanyConsumer.as_asgi(), name="company-socket")]
        )
    }
)
memory.settle()
