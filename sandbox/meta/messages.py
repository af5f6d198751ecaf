"""``POST /{phone_number_id}/messages``: send, mark as read, show typing."""

from __future__ import annotations

import base64
import secrets
from typing import Any

import orjson
from aiohttp import web

from sandbox.accounts import Account, Number
from sandbox.chats import IN, OUT, Bubble, Chat
from sandbox.faults import FAULT
from sandbox.meta import checks, template_match
from sandbox.meta.access import number_of
from sandbox.meta.errors import GraphError, invalid
from sandbox.meta.events import Sent
from sandbox.meta.statuses import follow
from sandbox.phones import canonical, digits, user_id, without_nine
from sandbox.state import SANDBOX, Sandbox
from sandbox.wire import reply

_WINDOW = 24 * 3600
_TYPING_SECONDS = 25


async def send(request: web.Request) -> web.Response:
    """Accept or refuse one message; what is accepted stands in the ledger before the answer."""
    account, number = number_of(request)
    raw = await request.read()
    body = parse(raw)
    sandbox = request.app[SANDBOX]
    if body.get("status") == "read":
        return _mark_read(sandbox, number, body, raw)
    written = checks.envelope(body)
    kind = checks.content(body)
    contact = person_behind(sandbox, number, written)
    category = _check_references(sandbox, account, number, body, kind)
    sandbox.limits.check(number.id, contact)
    late = _check_reach(sandbox, number, contact, kind)
    chat = sandbox.chats.chat(number.id, contact)
    sent = Sent(
        account=account,
        number=number,
        wamid=new_wamid(contact),
        wa_id=wa_id_of(sandbox, contact),
        name=chat.name or f"+{contact}",
        category=category,
        opaque=body.get("biz_opaque_callback_data"),
    )
    _record(sandbox, sent, body, raw, contact)
    await follow(sandbox, sent, error=late, fault=request.get(FAULT))
    return reply(_accepted(written, sent, kind))


def parse(raw: bytes) -> dict[str, Any]:
    """The request's JSON object. Raises GraphError 100."""
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise invalid("Invalid JSON in the request") from error
    if not isinstance(body, dict):
        raise invalid("Invalid JSON in the request")
    return body


def wa_id_of(sandbox: Sandbox, number: str) -> str:
    """How WhatsApp itself writes this person's number (maybe without Brazil's ninth digit)."""
    number = canonical(number)
    return without_nine(number) if number in sandbox.settings.brazil_without_nine else number


def new_wamid(number: str) -> str:
    """A fresh message id of the real look."""
    person = number.encode()
    noise = secrets.token_hex(9).upper().encode()
    packed = b"\x1d\x18" + bytes([len(person)]) + person + b"\x15\x02\x00\x11\x18\x12" + noise
    return "wamid." + base64.b64encode(packed + b"\x00").decode()


def person_behind(sandbox: Sandbox, number: Number, written: str) -> str:
    """The canonical phone number of ``to`` or of a BSUID we gave out. Raises GraphError 131026."""
    if digits(written) == written:
        return canonical(written)
    for chat in sandbox.chats.recent(number.id, limit=10_000):
        if user_id(chat.contact) == written:
            return chat.contact
    raise GraphError(131026, "No such user for this business.")


def _check_references(
    sandbox: Sandbox, account: Account, number: Number, body: dict[str, Any], kind: str
) -> str:
    """The message's price category; media and template that it names must exist and fit."""
    for name, media_id in checks.media_ids(body):
        media = sandbox.media.get(media_id)
        if media is None or media.owner != number.id or media.expires_at < sandbox.clock.now():
            raise checks.unknown_media(name)
        checks.voice(body, media.mime)
    if kind == "template":
        part = body["template"]
        template = template_match.approved(account, part["name"], part["language"]["code"])
        template_match.check(template, part.get("components") or [])
        return str(template["category"]).lower()
    return "service"


def _check_reach(sandbox: Sandbox, number: Number, contact: str, kind: str) -> GraphError | None:
    """The error that will fail the message later; errors not set to come late are raised."""
    error = _obstacle(sandbox, number, contact, kind)
    if error and error.code not in sandbox.settings.async_errors:
        raise error
    return error


def _obstacle(sandbox: Sandbox, number: Number, contact: str, kind: str) -> GraphError | None:
    if contact == canonical(number.display_phone_number):
        return GraphError(131021, "Recipient phone number cannot be the sender's.")
    if contact in sandbox.settings.unreachable:
        return GraphError(131026, "Message Undeliverable.")
    if kind != "template" and sandbox.settings.enforce_window:
        chat = sandbox.chats.find(number.id, contact)
        if chat is None or sandbox.clock.now() - chat.last_inbound > _WINDOW:
            return GraphError(
                131047,
                "Message failed to send because more than 24 hours have passed since the "
                "customer last replied to this number.",
            )
    return None


def _record(sandbox: Sandbox, sent: Sent, body: dict[str, Any], raw: bytes, contact: str) -> None:
    """Write the message into the ledger, then onto the customer's phone."""
    number_id = sent.number.id
    sandbox.ledger.append(
        provider="meta",
        connection=number_id,
        recipient=digits(str(body.get("to") or "")) or str(body.get("recipient")),
        kind="message",
        body=raw,
        key=sent.opaque,
        fsync=sandbox.settings.fsync,
        type=body.get("type", "text"),
        wamid=sent.wamid,
        template=(body.get("template") or {}).get("name"),
        opaque=sent.opaque,
    )
    bubble = Bubble(sent.wamid, IN, sandbox.clock.now(), raw, "delivered")
    sandbox.chats.received(number_id, contact, bubble)
    sandbox.hub.tell(f"{number_id}:{contact}")


def _accepted(written: str, sent: Sent, kind: str) -> dict[str, Any]:
    message = {"id": sent.wamid}
    if kind == "template":
        message["message_status"] = "accepted"
    return {
        "messaging_product": "whatsapp",
        "contacts": [{"input": written, "wa_id": sent.wa_id, "user_id": user_id(sent.wa_id)}],
        "messages": [message],
    }


def _mark_read(sandbox: Sandbox, number: Number, body: dict[str, Any], raw: bytes) -> web.Response:
    """Blue ticks for what the customer wrote up to this message, and the typing indicator."""
    wamid = str(body.get("message_id", ""))
    chat = sandbox.chats.chat_of(wamid)
    if chat is None or chat.connection != number.id:
        raise invalid("Param message_id is not valid: no such message was received.")
    for bubble in chat.bubbles:
        if bubble.direction == OUT:
            sandbox.chats.mark(bubble.wamid, "read")
        if bubble.wamid == wamid:
            break
    typing = bool(body.get("typing_indicator"))
    if typing:
        chat.typing_until = sandbox.clock.now() + _TYPING_SECONDS
    _record_read(sandbox, chat, raw, wamid, typing=typing)
    return reply({"success": True})


def _record_read(sandbox: Sandbox, chat: Chat, raw: bytes, wamid: str, *, typing: bool) -> None:
    sandbox.ledger.append(
        provider="meta",
        connection=chat.connection,
        recipient="",
        kind="typing" if typing else "read",
        body=raw,
        wamid=wamid,
    )
    sandbox.hub.tell(f"{chat.connection}:{chat.contact}")
