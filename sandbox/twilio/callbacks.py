"""Twilio's callbacks: forms, each signed over its address and every field.

Source: Twilio, "Webhooks security".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from dataclasses import dataclass, field
from urllib.parse import urlencode

from sandbox.webhooks import Parcel


@dataclass(frozen=True, slots=True)
class Callback:
    """One POST to ``url``, signed with the account's token; a repeat has the same ``token``."""

    url: str
    form: dict[str, str]
    auth_token: str
    forged: bool = False
    token: str = field(default_factory=lambda: str(uuid.uuid4()))


def pack(url: str, callbacks: list[Callback]) -> list[Parcel]:
    """A POST for each; forged ones (a wrong signature on purpose) are never repeated."""
    return [_parcel(callback) for callback in callbacks]


def signature(url: str, form: dict[str, str], auth_token: str) -> str:
    """The value of ``X-Twilio-Signature``."""
    signed = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    digest = hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _parcel(callback: Callback) -> Parcel:
    secret = callback.auth_token + ("-forged" if callback.forged else "")
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "User-Agent": "TwilioProxy/1.1",
        "I-Twilio-Idempotency-Token": callback.token,
        "X-Twilio-Signature": signature(callback.url, callback.form, secret),
    }
    body = urlencode(callback.form).encode()
    return Parcel(callback.url, body, headers, repeat=not callback.forged)
