"""The socket of a page: who may connect, what it may listen to, and how it ends.

One socket per page at ``/ws/c/<slug>/``. It sends JSON operations and receives frames:

    → {"op": "subscribe", "topics": ["inbox"], "cursor": "17…-0"}   cursor: what the page has seen
    ← {"event": "subscribed", "topics": ["inbox"], "refused": [], "cursor": "17…-3"}
    ← {"topic": "inbox", "event": "…", "id": "…", "cursor": "17…-4"}
    → {"op": "unsubscribe", "topics": ["inbox"]}
    → {"op": "ping"}  ← {"event": "pong"}
    → {"op": "here", "active": true}       the page is open; somebody did something lately
    ← {"event": "reset"}       too much was missed: fetch the fragments anew
    ← {"event": "catch_up"}    frames may have been missed: ask /live?since= with the cursor
    ← {"event": "unsubscribed", "topics": […]}   the right to listen was taken away

It closes with 4401 (sign in again), 4403 (foreign origin), 4404 (no such company for you), 4408
(too slow: reconnect), 4429 (too many messages), 4400 or 1009 (malformed or oversized message).

Nothing here touches the database: sessions and memberships are resolved by functions that the
app which owns them sets in ``resolver`` and ``load_member``, always through ``core.scope``; who
is there goes to ``note_here``.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from core import realtime, scope, topics
from core.hub import Hub, Outlet, hub

logger = logging.getLogger(__name__)

MALFORMED, SIGNED_OUT, FOREIGN_ORIGIN, NOT_FOUND = 4400, 4401, 4403, 4404
TOO_SLOW, TOO_MANY, TOO_BIG = 4408, 4429, 1009
MAX_MESSAGE_CHARACTERS = 64 * 1024
MESSAGES_PER_SECOND = 20
MAX_TOPICS = 100
RECHECK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Seat:
    """A person's place in a company, as a socket needs it."""

    company_id: uuid.UUID
    schema_name: str
    member_id: uuid.UUID
    person_id: uuid.UUID

    @property
    def scope(self) -> scope.CompanyRef:
        return scope.CompanyRef(id=self.company_id, schema_name=self.schema_name)


class SignedOut(Exception):
    """Raised by the resolver when the session is over, as opposed to having no seat."""


Resolver = Callable[[str, str], Seat | None]
MemberLoader = Callable[[Seat], Any]
Herald = Callable[[Seat, bool], None]

# Set once by the app that owns sessions and memberships. Both are synchronous. The resolver gets
# (session key, slug) and runs in public; the loader runs inside the company and returns what the
# topic checks take as member.
resolver: Resolver | None = None
load_member: MemberLoader = lambda seat: seat  # noqa: E731
# Told of each sign of life of a page, with whether its reader did something; runs in public.
note_here: Herald = lambda seat, is_active: None  # noqa: E731


class CompanyConsumer(AsyncWebsocketConsumer):
    """Base and, as it stands, the whole of the socket endpoint."""

    seat: Seat | None = None
    outlet: Outlet | None = None
    hub: Hub
    topics: set[str]
    _session_key: str
    _slug: str
    _recheck_task: asyncio.Task[None] | None = None

    # -- life ----------------------------------------------------------------------------------

    async def connect(self) -> None:
        if not origin_allowed(self.scope):
            await self.close(FOREIGN_ORIGIN)
            return
        # Accepted first: a browser learns the close code only of an accepted socket.
        await self.accept()
        self.topics = set()
        self._allowance = _Allowance(MESSAGES_PER_SECOND)
        self._session_key = session_key_of(self.scope)
        self._slug = self.scope["url_route"]["kwargs"]["slug"]
        seat = await self._resolve()
        if seat is None:
            return
        self.seat = seat
        self.scope["company_id"], self.scope["member_id"] = seat.company_id, seat.member_id
        self.hub = hub()
        self.outlet = Outlet(
            self._send_frame,
            overflow=self._overflow,
            recheck=self.recheck,
            member_id=seat.member_id,
        )
        await self.hub.join(seat.company_id, self.outlet)
        self._recheck_task = asyncio.ensure_future(self._recheck_forever())

    async def disconnect(self, code: int) -> None:
        if self._recheck_task is not None:
            self._recheck_task.cancel()
        if self.outlet is not None and self.seat is not None:
            self.hub.leave(self.seat.company_id, self.outlet)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.seat is None:
            return
        if text_data is None or len(text_data) > MAX_MESSAGE_CHARACTERS:
            await self.close(TOO_BIG if text_data else MALFORMED)
            return
        if not self._allowance.take():
            await self.close(TOO_MANY)
            return
        operation = _parse(text_data)
        if operation is None:
            await self.close(MALFORMED)
            return
        await self._perform(operation)

    # -- operations ----------------------------------------------------------------------------

    async def _perform(self, operation: dict[str, Any]) -> None:
        match operation.get("op"):
            case "subscribe":
                await self._subscribe(_topics_of(operation), operation.get("cursor"))
            case "unsubscribe":
                self._unsubscribe(_topics_of(operation))
            case "ping":
                self._say(event="pong")
            case "here":
                await self._here(is_active=operation.get("active") is True)
            case _:
                await self.close(MALFORMED)

    async def _subscribe(self, wanted: list[str], cursor: Any) -> None:
        wanted = wanted[: max(0, MAX_TOPICS - len(self.topics))]
        granted = await self._allowed(wanted)
        if self.seat is None or self.outlet is None:
            return  # closed meanwhile
        # Listen first, look back second: nothing falls between, and a repeated frame is harmless.
        for topic in granted:
            self.hub.subscribe(self.seat.company_id, topic, self.outlet)
        self.topics |= granted
        known = cursor if isinstance(cursor, str) else None
        missed = await scope.in_public(realtime.since)(self.seat.company_id, known, granted)
        self._say(
            event="subscribed",
            topics=sorted(granted),
            refused=sorted(set(wanted) - granted),
            cursor=missed.cursor,
        )
        if missed.reset:
            self._say(event="reset")
        for event in missed.events:
            self._say(**event._asdict(), cursor=missed.cursor)

    def _unsubscribe(self, unwanted: Iterable[str]) -> None:
        if self.seat is None or self.outlet is None:
            return
        for topic in self.topics.intersection(unwanted):
            self.hub.unsubscribe(self.seat.company_id, topic, self.outlet)
            self.topics.discard(topic)

    async def _here(self, *, is_active: bool) -> None:
        if self.seat is not None:
            await scope.in_public(note_here)(self.seat, is_active)

    # -- rights --------------------------------------------------------------------------------

    async def recheck(self) -> None:
        """Ask again who this is and what it may hear; close or unsubscribe accordingly."""
        before = self.seat
        if before is None:
            return
        seat = await self._resolve()
        if seat is None:
            return
        if (seat.company_id, seat.member_id) != (before.company_id, before.member_id):
            await self._leave(NOT_FOUND)
            return
        self.seat = seat
        lost = self.topics - await self._allowed(self.topics)
        if lost:
            self._unsubscribe(lost)
            self._say(event="unsubscribed", topics=sorted(lost))

    async def _recheck_forever(self) -> None:
        """The safety net under ``realtime.rights_changed``: sessions also end by themselves."""
        every = getattr(settings, "SOCKET_RECHECK_SECONDS", RECHECK_SECONDS)
        while True:
            # Spread, so that a thousand sockets do not ask in the same second.
            await asyncio.sleep(every * random.uniform(0.75, 1.25))  # noqa: S311
            with contextlib.suppress(Exception):
                await self.recheck()

    async def _resolve(self) -> Seat | None:
        """The seat, or None after closing with the reason."""
        if not self._session_key or resolver is None:
            await self._leave(SIGNED_OUT)
            return None
        try:
            seat = await scope.in_public(resolver)(self._session_key, self._slug)
        except SignedOut:
            await self._leave(SIGNED_OUT)
            return None
        if seat is None:
            await self._leave(NOT_FOUND)
        return seat

    async def _allowed(self, wanted: Iterable[str]) -> set[str]:
        if self.seat is None:
            return set()
        seat = self.seat

        def check() -> set[str]:
            return topics.allowed_of(load_member(seat), wanted)

        return await scope.in_company(seat.scope)(check)()

    # -- sending -------------------------------------------------------------------------------

    def _say(self, **frame: Any) -> None:
        if self.outlet is not None:
            self.outlet.offer(json.dumps(frame, separators=(",", ":")))

    async def _send_frame(self, frame: str) -> None:
        await self.send(text_data=frame)

    async def _overflow(self) -> None:
        logger.info("socket too slow")
        await self._leave(TOO_SLOW)

    async def _leave(self, code: int) -> None:
        """Stop listening at once, then close: nothing more may reach this page."""
        if self.outlet is not None and self.seat is not None:
            self.hub.leave(self.seat.company_id, self.outlet)
        self.seat = None
        await self.close(code)


class _Allowance:
    """A leaky bucket for one socket's messages."""

    def __init__(self, per_second: float) -> None:
        self._rate = per_second
        self._left = per_second
        self._at = time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self._left = min(self._rate, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def origin_allowed(asgi_scope: dict[str, Any]) -> bool:
    """Whether the page that opens the socket is ours (against cross-site hijacking).

    ``SOCKET_ALLOWED_ORIGINS`` lists origins (``https://app.example.com``); without it, the page
    and the socket must be on the same host, whatever their ports. No Origin, no socket.
    """
    headers = dict(asgi_scope.get("headers", ()))
    origin = headers.get(b"origin", b"").decode("latin-1").lower()
    listed = getattr(settings, "SOCKET_ALLOWED_ORIGINS", ())
    if listed:
        return origin in {entry.lower() for entry in listed}
    try:
        page = urlsplit(origin)
        here = urlsplit("//" + headers.get(b"host", b"").decode("latin-1").lower())
        return (
            page.scheme in {"http", "https"}
            and bool(page.hostname)
            and (page.hostname == here.hostname)
        )
    except ValueError:
        return False


def session_key_of(asgi_scope: dict[str, Any]) -> str:
    """The session cookie of the handshake, or an empty string."""
    header = dict(asgi_scope.get("headers", ())).get(b"cookie", b"").decode("latin-1")
    try:
        cookie = SimpleCookie(header).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return cookie.value if cookie else ""


def _parse(text: str) -> dict[str, Any] | None:
    try:
        operation = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return operation if isinstance(operation, dict) else None


def _topics_of(operation: dict[str, Any]) -> list[str]:
    listed = operation.get("topics")
    return [topic for topic in listed if isinstance(topic, str)] if isinstance(listed, list) else []
