"""Speaking with our sockets inside a test's transaction."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from channels.testing import WebsocketCommunicator

from core.hub import hub

PATIENCE = 5  # seconds


def keep_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Channels closes connections around each message, which would end the test's transaction."""

    async def nothing() -> None:
        return None

    monkeypatch.setattr("channels.consumer.aclose_old_connections", nothing)
    monkeypatch.setattr("channels.generic.websocket.aclose_old_connections", nothing)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    """Run a scenario in an event loop of its own and stop the hub that it started."""

    async def main() -> None:
        try:
            await scenario()
        finally:
            await hub().stop()

    async_to_sync(main)()


async def say(page: WebsocketCommunicator, **operation: Any) -> None:
    await page.send_to(text_data=json.dumps(operation))


async def hear(page: WebsocketCommunicator) -> dict[str, Any]:
    """The next frame."""
    frame: dict[str, Any] = json.loads(await page.receive_from(timeout=PATIENCE))
    return frame


async def closed_with(page: WebsocketCommunicator) -> int:
    """The code that the socket closes with, whatever it says before."""
    while True:
        message = await page.receive_output(timeout=PATIENCE)
        if message["type"] == "websocket.close":
            return int(message["code"])
