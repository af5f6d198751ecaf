"""The pages and the JSON they read."""

from __future__ import annotations

import html
from dataclasses import asdict
from pathlib import Path
from string import Template
from typing import Any

import orjson
from aiohttp import web

from sandbox.chats import Chat
from sandbox.phone.labels import labels_for
from sandbox.phone.lines import lines
from sandbox.phone.render import bubble_view, chat_view, preview
from sandbox.phones import canonical, pretty
from sandbox.state import SANDBOX, Sandbox
from sandbox.wire import bad_request, reply

_FOLDER = Path(__file__).resolve().parent
_STATIC = _FOLDER.parent / "static"
_POLICY = (
    "default-src 'self'; img-src 'self' data: http: https:; media-src 'self' http: https:; "
    "frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
_MAIL_POLICY = "default-src 'none'; img-src data: http: https:; style-src 'unsafe-inline'"


async def phone(request: web.Request) -> web.Response:
    """``/``: the phone."""
    return _page(request, "phone.html")


async def mailbox(request: web.Request) -> web.Response:
    """``/mail``: the mailbox."""
    return _page(request, "mail.html")


async def mail_html(request: web.Request) -> web.Response:
    """One mail's HTML part, for a sandboxed frame."""
    mails = request.app[SANDBOX].mailbox.to()
    index = int(request.match_info["index"])
    if index >= len(mails):
        raise web.HTTPNotFound
    body = '<base target="_blank">' + mails[index]["html"]
    headers = {"Content-Security-Policy": _MAIL_POLICY}
    return web.Response(text=body, content_type="text/html", headers=headers)


async def connections(request: web.Request) -> web.Response:
    """The business numbers to choose from."""
    return reply({"results": [asdict(one) for one in lines(request.app[SANDBOX])]})


async def contacts(request: web.Request) -> web.Response:
    """The latest chats of a number; ``q`` searches name and number."""
    sandbox, query = request.app[SANDBOX], request.query
    chats = sandbox.chats.recent(query.get("connection", ""), search=query.get("q", ""))
    return reply({"results": [_row(sandbox, chat) for chat in chats]})


async def messages(request: web.Request) -> web.Response:
    """One chat, and that it has been looked at."""
    sandbox, query = request.app[SANDBOX], request.query
    connection, contact = query.get("connection", ""), canonical(query.get("contact", ""))
    line = next((one for one in lines(sandbox) if one.id == connection), None)
    if line is None:
        raise bad_request("connection: no such phone number")
    account = sandbox.accounts.by_number(connection)
    chat = sandbox.chats.find(connection, contact) or Chat(connection, contact)
    chat.unread = 0
    return reply(
        {
            "contact": contact,
            "name": chat.name,
            "number": pretty(contact),
            "business": line.name,
            "typing": chat.typing_until > sandbox.clock.now(),
            "results": chat_view(chat, account),
        }
    )


async def media(request: web.Request) -> web.StreamResponse:
    """A file in a chat; only what a browser shows safely is shown, the rest is downloaded."""
    sandbox = request.app[SANDBOX]
    found = sandbox.media.get(request.match_info["id"])
    if found is None:
        raise web.HTTPNotFound
    shown = found.mime.startswith(("image/png", "image/jpeg", "image/webp", "audio/", "video/"))
    headers = {
        "Content-Type": found.mime,
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "inline" if shown else "attachment",
    }
    return web.FileResponse(sandbox.media.path(found.id), headers=headers)


async def events(request: web.Request) -> web.StreamResponse:
    """Server-sent events: lists of topics that changed."""
    sandbox = request.app[SANDBOX]
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    )
    await response.prepare(request)
    try:
        await response.write(b"retry: 1000\n\n")
        async for topics in sandbox.hub.listen(sandbox.closing):
            await response.write(b"data: " + orjson.dumps(topics) + b"\n\n")
    except ConnectionError:
        pass  # the page was closed
    return response


def _row(sandbox: Sandbox, chat: Chat) -> dict[str, Any]:
    account = sandbox.accounts.by_number(chat.connection)
    line, kind = "", ""
    if chat.bubbles:
        last = chat.bubbles[-1]
        view = bubble_view(last, orjson.loads(last.content), account)
        line, kind = preview(view), view["kind"]
    return {
        "contact": chat.contact,
        "name": chat.name,
        "number": pretty(chat.contact),
        "preview": line,
        "kind": kind,
        "at": chat.last_at,
        "unread": chat.unread,
    }


def _page(request: web.Request, name: str) -> web.Response:
    words = {key: html.escape(value) for key, value in labels_for(request).items()}
    text = Template((_FOLDER / name).read_text(encoding="utf-8")).substitute(words)
    headers = {
        "Content-Security-Policy": _POLICY,
        "Cache-Control": "no-store",
        "Vary": "Accept-Language",
    }
    return web.Response(text=text, content_type="text/html", headers=headers)


def add_routes(app: web.Application) -> None:
    """Attach the pages."""
    router = app.router
    router.add_get("/", phone)
    router.add_get("/mail", mailbox)
    router.add_get("/_sandbox/mail/{index:\\d+}/html", mail_html)
    router.add_get("/_sandbox/phone/connections", connections)
    router.add_get("/_sandbox/phone/contacts", contacts)
    router.add_get("/_sandbox/phone/messages", messages)
    router.add_get("/_sandbox/phone/media/{id:\\d+}", media)
    router.add_get("/_sandbox/phone/events", events)
    router.add_static("/static/", _STATIC)
