"""Customers writing: ``POST /_sandbox/inbound`` becomes Twilio's incoming message webhook."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import orjson

from sandbox.chats import OUT, Bubble
from sandbox.faults import INBOUND_FAULTS, Facts
from sandbox.inbound import InboundError, person_of
from sandbox.phones import pretty
from sandbox.state import Sandbox
from sandbox.twilio.accounts import SmsNumber, TwilioAccount
from sandbox.twilio.callbacks import Callback
from sandbox.twilio.texts import Text, new_sid

# Twilio, "Support for opt-out keywords": what it hears by itself.
_STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
_START = frozenset({"START", "YES", "UNSTOP"})


async def write(sandbox: Sandbox, data: dict[str, Any]) -> dict[str, Any]:
    """Let a customer text ``data`` and say what the product answered.

    ``payload`` adds fields of the form (``OptOutType``, ``NumMedia``, ``MediaUrl0``). Returns
    ``{"id": sid, "delivered": bool, "status": int}``. Raises InboundError.
    """
    account, number, service = _receiver(sandbox, str(data.get("connection", "")))
    person = person_of(data)
    body, payload = str(data.get("text", "")), data.get("payload") or {}
    if not body and not payload:
        raise InboundError("one of text and payload is expected")
    text = Text(
        sid=new_sid(),
        account_sid=account.account_sid,
        sender=f"+{person}",
        to=number.number,
        body=body,
        at=sandbox.clock.now(),
        direction="inbound",
        status="received",
        service_sid=service,
    )
    sandbox.twilio.texts.write(text)
    _remember(sandbox, text, person, str(data.get("name") or ""))
    _hear(sandbox, text, person)
    form = {**_form(text), **{str(key): str(value) for key, value in payload.items()}}
    status = await _deliver(sandbox, account, number, text, form)
    delivered = 200 <= status < 300
    if delivered:
        sandbox.chats.mark(text.sid, "delivered")
    sandbox.hub.tell(f"{number.number}:{person}")
    return {"id": text.sid, "delivered": delivered, "status": status}


def _receiver(sandbox: Sandbox, wanted: str) -> tuple[TwilioAccount, SmsNumber, str]:
    """The number written to; through the messaging service when that was named."""
    for account in sandbox.twilio.accounts:
        service = account.services.get(wanted)
        if service and service.numbers:
            return account, account.numbers[service.numbers[0]], service.sid
    found = sandbox.twilio.accounts.by_number(wanted) if wanted else None
    if found is None:
        raise InboundError(f"connection: no phone number {wanted!r} here")
    return (*found, "")


def _remember(sandbox: Sandbox, text: Text, person: str, name: str) -> None:
    known = sandbox.chats.find(text.to, person)
    content = orjson.dumps({"type": "text", "text": {"body": text.body}})
    bubble = Bubble(text.sid, OUT, sandbox.clock.now(), content, "sent")
    name = name or (known.name if known else "") or pretty(person)
    sandbox.chats.wrote(text.to, person, bubble, name=name)


def _hear(sandbox: Sandbox, text: Text, person: str) -> None:
    word = text.body.strip().upper()
    if word in _STOP | _START:
        sandbox.twilio.stop(text.to, person, stopped=word in _STOP)


def _form(text: Text) -> dict[str, str]:
    form = {
        "AccountSid": text.account_sid,
        "ApiVersion": "2010-04-01",
        "Body": text.body,
        "From": text.sender,
        "FromCountry": "BR",
        "MessageSid": text.sid,
        "NumMedia": "0",
        "NumSegments": str(text.segments),
        "SmsMessageSid": text.sid,
        "SmsSid": text.sid,
        "SmsStatus": "received",
        "To": text.to,
        "ToCountry": "BR",
    }
    return {**form, "MessagingServiceSid": text.service_sid} if text.service_sid else form


async def _deliver(
    sandbox: Sandbox,
    account: TwilioAccount,
    number: SmsNumber,
    text: Text,
    form: dict[str, str],
) -> int:
    """Post the webhook at once; an armed fault may forge, double or drop it."""
    service = account.services.get(text.service_sid)
    url = service.inbound_request_url if service else number.sms_url
    if not url:
        return 0
    facts = Facts(
        path="/_sandbox/inbound",
        method="POST",
        recipient=text.sender,
        connection=number.number,
        type="text",
        text=urlencode(form),
    )
    fault = sandbox.faults.take("twilio", facts, only=INBOUND_FAULTS)
    do = fault.do if fault else ""
    if do == "drop_status":
        return 0
    callback = Callback(url, form, account.auth_token, forged=do == "bad_signature")
    status = 0
    for _ in range(fault.copies if fault and do == "dup_status" else 1):
        status = await sandbox.twilio.outbox.now(url, [callback])
    return status
