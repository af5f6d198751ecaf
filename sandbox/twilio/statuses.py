"""Which status callbacks follow an accepted message, and when."""

from __future__ import annotations

from dataclasses import replace

from sandbox.faults import Rule
from sandbox.phones import canonical
from sandbox.state import Sandbox
from sandbox.twilio.accounts import TwilioAccount
from sandbox.twilio.callbacks import Callback
from sandbox.twilio.texts import Text

_COPY_GAP = 0.03  # seconds between the copies of a duplicated status
_UNREACHABLE = 30003
_FAILED = frozenset({"undelivered", "failed"})
_FINAL = frozenset({"delivered", *_FAILED})


async def follow(
    sandbox: Sandbox, account: TwilioAccount, text: Text, *, fault: Rule | None = None
) -> None:
    """Schedule the callbacks of ``text``: sent and delivered, or sent and undelivered.

    ``fault`` may drop, double, shuffle or forge them, or post the first before this returns.
    """
    do = fault.do if fault else ""
    code = fault.code if fault and do.startswith("fail:") else None
    if code is None and canonical(text.to) in sandbox.settings.unreachable:
        code = _UNREACHABLE
    steps = _steps(sandbox, code)
    _finish(sandbox, text, steps[-1][1], code)
    if do == "drop_status" or not text.callback:
        return
    if do == "shuffle_status":
        kinds = [kind for _, kind in reversed(steps)]
        steps = [(delay, kind) for (delay, _), kind in zip(steps, kinds, strict=True)]
    forged = do == "bad_signature"
    posts = [(delay, _callback(account, text, kind, forged=forged)) for delay, kind in steps]
    lane = text.callback.partition("?")[0]
    if do == "status_before_response":
        await sandbox.twilio.outbox.now(lane, [posts.pop(0)[1]])
    copies = fault.copies if fault and do == "dup_status" else 1
    for delay, post in posts:
        for copy in range(copies):
            again = post if copy == 0 else replace(post)
            sandbox.twilio.outbox.schedule(delay + copy * _COPY_GAP, lane, again)


def _steps(sandbox: Sandbox, code: int | None) -> list[tuple[float, str]]:
    """(delay in seconds, status), never decreasing."""
    delays = sandbox.settings.delays
    first = (delays["sent"], "sent")
    second = max(delays["sent"], delays["delivered"])
    if code is not None:
        return [first, (second, "undelivered")]
    if sandbox.random.random() < sandbox.settings.delivered_rate:
        return [first, (second, "delivered")]
    return [first]


def _finish(sandbox: Sandbox, text: Text, status: str, code: int | None) -> None:
    """What the Message resource shows from now on: the stand-in does not wait with it."""
    text.status = status
    text.error_code = code
    text.price = f"-{sandbox.settings.sms_price * text.segments:.5f}"
    sandbox.twilio.texts.write(text)
    if status in _FINAL - _FAILED:
        sandbox.chats.mark(text.sid, status)


def _callback(account: TwilioAccount, text: Text, status: str, *, forged: bool) -> Callback:
    form = {
        "AccountSid": text.account_sid,
        "ApiVersion": "2010-04-01",
        "From": text.sender,
        "MessageSid": text.sid,
        "MessageStatus": status,
        "SmsSid": text.sid,
        "SmsStatus": status,
        "To": text.to,
    }
    if text.service_sid:
        form["MessagingServiceSid"] = text.service_sid
    if status in _FAILED:
        form["ErrorCode"] = str(text.error_code)
    if status in _FINAL:
        form |= {"Price": text.price, "PriceUnit": "USD"}
    return Callback(text.callback, form, account.auth_token, forged)
