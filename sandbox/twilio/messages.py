"""``/Accounts/{sid}/Messages.json``: send, show, list."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import orjson
from aiohttp import web

from sandbox.chats import IN, Bubble
from sandbox.faults import FAULT
from sandbox.phones import canonical, digits
from sandbox.state import SANDBOX, Sandbox
from sandbox.twilio.access import account_of
from sandbox.twilio.accounts import SmsNumber, TwilioAccount
from sandbox.twilio.errors import TwilioError, no_such_resource
from sandbox.twilio.statuses import follow
from sandbox.twilio.texts import Text, new_sid
from sandbox.wire import reply

_LONGEST = 1600
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_PAGE = 50
_BRAZIL_LANDLINE = re.compile(r"\+55[1-9]\d[2-5]\d{7}")


async def send(request: web.Request) -> web.Response:
    """Accept or refuse one message; what is accepted stands in the ledger before the answer."""
    account, sandbox = account_of(request), request.app[SANDBOX]
    form = {key: str(value) for key, value in (await request.post()).items()}
    number, service = _sender(account, form)
    to = _recipient(form)
    if not form.get("Body"):
        raise TwilioError(21602)
    if len(form["Body"]) > _LONGEST:
        raise TwilioError(21617)
    if sandbox.twilio.is_stopped(number.number, to):
        raise TwilioError(21610)
    sandbox.limits.check_throughput(number.number, lambda: TwilioError(20429))
    text = Text(
        sid=new_sid(),
        account_sid=account.account_sid,
        sender=number.number,
        to=to,
        body=form["Body"],
        at=sandbox.clock.now(),
        service_sid=service,
        callback=form.get("StatusCallback", ""),
    )
    _record(sandbox, text, await request.read())
    sandbox.twilio.texts.write(text)
    answer = text.public()
    await follow(sandbox, account, text, fault=request.get(FAULT))
    return reply(answer, 201)


async def show(request: web.Request) -> web.Response:
    """One message."""
    account = account_of(request)
    text = request.app[SANDBOX].twilio.texts.get(request.match_info["sid"])
    if text is None or text.account_sid != account.account_sid:
        raise no_such_resource(request.path)
    return reply(text.public())


async def index(request: web.Request) -> web.Response:
    """``?To=&From=&DateSent>=&PageSize=&Page=``, the newest first."""
    account, query = account_of(request), request.query
    found = [
        text
        for text in request.app[SANDBOX].twilio.texts.newest(account.account_sid)
        if _matches(text, query)
    ]
    return reply(paged(request, "messages", [text.public() for text in found]))


def paged(request: web.Request, key: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A page of a list as this API shows it."""
    size = min(int(request.query.get("PageSize") or _PAGE), 1000)
    page = int(request.query.get("Page") or 0)
    kept = {name: value for name, value in request.query.items() if name not in ("Page",)}
    path = request.path.partition("/twilio")[2]
    start = page * size

    def uri(number: int) -> str:
        return f"{path}?{urlencode({**kept, 'Page': number, 'PageToken': f'PT{number}'})}"

    return {
        key: rows[start : start + size],
        "page": page,
        "page_size": size,
        "start": start,
        "end": min(start + size, len(rows)) - 1,
        "uri": uri(page),
        "first_page_uri": uri(0),
        "next_page_uri": uri(page + 1) if start + size < len(rows) else None,
        "previous_page_uri": uri(page - 1) if page else None,
    }


def _sender(account: TwilioAccount, form: dict[str, str]) -> tuple[SmsNumber, str]:
    """The number it goes out from, and the messaging service that chose it, if one did."""
    service = account.services.get(form.get("MessagingServiceSid", ""))
    name = service.numbers[0] if service and service.numbers else form.get("From", "")
    number = account.numbers.get(name)
    if number is None or not number.sms:
        raise TwilioError(21606)
    return number, service.sid if service else ""


def _recipient(form: dict[str, str]) -> str:
    to = form.get("To", "")
    if not to:
        raise TwilioError(21604)
    if not _NUMBER.fullmatch(to):
        raise TwilioError(21211)
    if _BRAZIL_LANDLINE.fullmatch(to):
        raise TwilioError(21614)
    return to


def _record(sandbox: Sandbox, text: Text, raw: bytes) -> None:
    """Write the message into the ledger, then onto the customer's phone."""
    mark = parse_qs(urlsplit(text.callback).query).get("mid", [None])[0]
    sandbox.ledger.append(
        provider="twilio",
        connection=text.service_sid or text.sender,
        recipient=digits(text.to),
        kind="message",
        body=raw,
        key=mark,
        fsync=sandbox.settings.fsync,
        type="text",
        sid=text.sid,
        segments=text.segments,
    )
    content = orjson.dumps({"type": "text", "text": {"body": text.body}})
    bubble = Bubble(text.sid, IN, sandbox.clock.now(), content, "sent")
    contact = canonical(text.to)
    sandbox.chats.received(text.sender, contact, bubble)
    sandbox.hub.tell(f"{text.sender}:{contact}")


def _matches(text: Text, query: Any) -> bool:
    if query.get("To") and canonical(text.to) != canonical(query["To"]):
        return False
    if query.get("From") and text.sender != query["From"]:
        return False
    since = query.get("DateSent>", "")
    return not since or text.at >= _moment(since)


def _moment(value: str) -> float:
    moment = datetime.fromisoformat(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
