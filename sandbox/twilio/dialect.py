"""How Twilio's requests are read and refused when a fault strikes."""

from __future__ import annotations

from aiohttp import web

from sandbox.dialects import Dialect
from sandbox.faults import Facts, Rule
from sandbox.twilio.errors import TwilioError
from sandbox.wire import reply


async def _facts(request: web.Request) -> Facts:
    form = await request.post() if request.method == "POST" else {}
    return Facts(
        request.path,
        request.method,
        recipient=str(form.get("To", "")),
        connection=str(form.get("MessagingServiceSid") or form.get("From", "")),
        type="text",
        text=str(form.get("Body", "")),
    )


def _throttled(fault: Rule) -> web.Response:
    response = TwilioError(20429).response()
    response.headers["Retry-After"] = str(fault.retry_after)
    return response


TWILIO = Dialect(
    provider="twilio",
    prefix="/twilio/",
    refusal=TwilioError,
    facts=_facts,
    throttled=_throttled,
    broken=lambda: TwilioError(20500).response(),
    error=lambda code: TwilioError(code).response(),
    without_id=lambda: reply({"status": "queued"}, 201),
)
