"""The reference: bare Channels, nothing else. A consumer that joins the group of its address and
passes on what the group is sent; `POST /send/<group>` sends the body to it. The layer is Channels'
own in-memory one, within this process: no Redis, no rights, no cursor."""

from __future__ import annotations

from typing import Any

from channels.generic.http import AsyncHttpConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import path

settings.configure(
    SECRET_KEY="benchmark",
    ALLOWED_HOSTS=["*"],
    LOGGING_CONFIG=None,
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": "channels.layers.InMemoryChannelLayer",
            "CONFIG": {"capacity": 2_000},
        }
    },
)


class Listener(AsyncWebsocketConsumer):
    """One socket in one group."""

    async def connect(self) -> None:
        self.group = self.scope["url_route"]["kwargs"]["group"]
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def frame(self, event: dict[str, Any]) -> None:
        """What the group is sent."""
        await self.send(text_data=event["text"])


class Sender(AsyncHttpConsumer):
    """Sends a request's body to a group."""

    async def handle(self, body: bytes) -> None:
        group = self.scope["url_route"]["kwargs"]["group"]
        await self.channel_layer.group_send(group, {"type": "frame", "text": body.decode()})
        await self.send_response(200, b"{}")


application = ProtocolTypeRouter(
    {
        "websocket": URLRouter([path("ws/<group>/", Listener.as_asgi())]),
        "http": URLRouter([path("send/<group>/", Sender.as_asgi())]),
    }
)
