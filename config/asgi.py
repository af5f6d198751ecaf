"""Sockets only: `daphne config.asgi:application`. Pages are served by granian as WSGI."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
django.setup()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 -- needs the apps loaded

from conversations.routing import urlpatterns  # noqa: E402

application = ProtocolTypeRouter({"websocket": URLRouter(urlpatterns)})
