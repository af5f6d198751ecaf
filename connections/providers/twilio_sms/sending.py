"""One text onto the wire, and how its fate is judged.

Source: Twilio, "Message resource" (POST /2010-04-01/Accounts/{sid}/Messages.json).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from connections.providers.answers import lost, wordless
from connections.providers.base import (
    Credentials,
    FailureClass,
    Outgoing,
    SendError,
    SendResult,
    Session,
)
from connections.providers.evidence import mark
from connections.providers.loose import text
from connections.providers.twilio_sms.addresses import (
    account_url,
    basic_auth,
    callback_url,
    is_service,
)
from connections.providers.twilio_sms.errors import decode, fault_in, provider_error
from core import http

LARGEST_ANSWER = 64 * 1024
KINDS = frozenset({"text", "template"})
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def send(session: Session, credentials: Credentials, message: Outgoing) -> SendResult:
    """Put one message on the wire; no retry, no state, no ORM.

    Raises:
        SendError: AMBIGUOUS as soon as a byte may have arrived and no readable answer came back.
    """
    body = urlencode(form_of(credentials, message)).encode()
    try:
        answer = await http.post(
            session,
            account_url(credentials, "Messages.json"),
            data=body,
            headers=basic_auth(credentials) | _FORM,
            max_bytes=LARGEST_ANSWER,
        )
    except Exception as error:
        # Whatever went wrong there, one question decides: can a byte have arrived?
        raise lost(error, SendError) from error
    return read_answer(answer.status, answer.headers, answer.content)


def form_of(credentials: Credentials, message: Outgoing) -> dict[str, str]:
    """The fields of a send.

    Raises:
        SendError: REJECTED `unsupported`, for a kind that is no text.
    """
    if message.kind not in KINDS or not message.text:
        raise SendError(FailureClass.REJECTED, "unsupported", f"kind {message.kind}")
    number = credentials.number_id
    form = {
        "To": e164(message.to),
        "MessagingServiceSid" if is_service(number) else "From": number,
        "Body": message.text,
    }
    if credentials.callback_url:
        evidence = mark(message.send_key, message.attempt)
        form["StatusCallback"] = callback_url(credentials, evidence)
    return form


def read_answer(status: int, headers: Mapping[str, str], raw: bytes) -> SendResult:
    """What a complete answer says.

    Raises:
        SendError: Twilio refused (by its code), or the answer proves nothing (AMBIGUOUS).
    """
    answer = decode(raw)
    if 200 <= status < 300:
        sid = text(answer, "sid")
        if not sid:
            raise SendError(FailureClass.AMBIGUOUS, "bad_answer", "2xx without a message sid")
        return SendResult(sid)
    fault = fault_in(answer)
    if fault is None:
        raise wordless(status, headers, SendError)
    raise provider_error(fault, status, headers, SendError)


def e164(address: str) -> str:
    """A number with its plus."""
    return f"+{address.lstrip('+')}"
