"""Did the source itself post this? Asked at the door, before anything is stored or understood.

`settings` (public, beside the route) say how; the secret comes from the route too. Everything is
compared in constant time, what is malformed is simply not genuine, and a scheme that needs a
secret holds for nobody while there is none.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from webhooks.sources.enums import Scheme
from webhooks.sources.posts import Post

ALGORITHMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha512": hashlib.sha512}
ENCODINGS = ("hex", "base64")
TOLERANCE_SECONDS = 300
MOST_SIGNATURES = 20
WHSEC = "whsec_"
Settings = Mapping[str, Any]


def needs_secret(scheme: str) -> bool:
    """Whether posts can only be told from others' with a secret of the source's own."""
    return scheme not in (Scheme.NONE, Scheme.RSA)


def is_genuine(settings: Settings, secret: str, post: Post, *, now: float) -> bool:
    """Whether the post carries what its source was told to send.

    Args:
        settings: {"scheme": …} and what belongs to it.
        now: seconds since the epoch, for schemes that sign the time.
    """
    scheme = settings.get("scheme", "")
    check = _CHECKS.get(scheme)
    if check is None or (needs_secret(scheme) and not secret):
        return False
    return check(settings, secret, post, now)


def is_name(text: str) -> bool:
    """Whether a header or a parameter may be called so."""
    return bool(re.fullmatch(r"[A-Za-z0-9_.-]{1,80}", text))


def is_standard_secret(text: str) -> bool:
    """Whether it is a secret of Standard Webhooks."""
    return bool(_standard_key(text))


def sign(settings: Settings, secret: str, body: bytes, *, timestamp: str = "") -> str:
    """The header's value that a source with these settings sends (HMAC alone)."""
    digest = hmac.new(secret.encode(), _signed(settings, body, timestamp), _algorithm(settings))
    told = _encoded(settings, digest.digest())
    return f"{settings.get('prefix', '')}{told}"


def _none(settings: Settings, secret: str, post: Post, now: float) -> bool:
    return True


def _header(settings: Settings, secret: str, post: Post, now: float) -> bool:
    return _same(post.headers.get(settings.get("header", ""), ""), secret)


def _bearer(settings: Settings, secret: str, post: Post, now: float) -> bool:
    kind, _space, token = post.headers.get("Authorization", "").partition(" ")
    return kind.lower() == "bearer" and _same(token.strip(), secret)


def _query(settings: Settings, secret: str, post: Post, now: float) -> bool:
    return _same(post.query.get(settings.get("parameter", "token"), ""), secret)


def _hmac(settings: Settings, secret: str, post: Post, now: float) -> bool:
    """Also the one whose signature comes in the address (Kiwify)."""
    told = (
        post.query.get(settings["parameter"], "")
        if settings.get("parameter")
        else post.headers.get(settings.get("header", ""), "")
    )
    timestamp = ""
    if settings.get("timestamp_header"):
        timestamp = post.headers.get(settings["timestamp_header"], "")
        if not _is_recent(timestamp, now):
            return False
    return bool(told) and _same(told, sign(settings, secret, post.body, timestamp=timestamp))


def _standard(settings: Settings, secret: str, post: Post, now: float) -> bool:
    """https://github.com/standard-webhooks: any one of several `v1` signatures suffices."""
    identity = post.headers.get("webhook-id", "")
    timestamp = post.headers.get("webhook-timestamp", "")
    key = _standard_key(secret)
    if not identity or not key or not _is_recent(timestamp, now):
        return False
    signed = f"{identity}.{timestamp}.".encode() + post.body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    told = post.headers.get("webhook-signature", "").split(" ")[:MOST_SIGNATURES]
    found = [_same(one.removeprefix("v1,"), expected) for one in told if one.startswith("v1,")]
    return any(found)


def _rsa(settings: Settings, secret: str, post: Post, now: float) -> bool:
    """Signed with the vendor's private key, whose other half the preset names."""
    try:
        key = load_pem_public_key(settings["public_key"].encode())
        signature = base64.b64decode(post.headers.get(settings["header"], ""), validate=True)
        if not isinstance(key, RSAPublicKey):
            return False
        key.verify(signature, post.body, PKCS1v15(), SHA256())
    except (InvalidSignature, KeyError, ValueError):
        return False
    return True


def _mercado_pago(settings: Settings, secret: str, post: Post, now: float) -> bool:
    """`x-signature: ts=…,v1=…` over a manifest of the address's `data.id` and the request's id
    (https://www.mercadopago.com.br/developers/pt/docs/your-integrations/notifications/webhooks)."""
    parts = dict(
        part.strip().split("=", 1)
        for part in post.headers.get("x-signature", "").split(",")
        if "=" in part
    )
    timestamp, told = parts.get("ts", ""), parts.get("v1", "")
    manifest = "".join(
        f"{name}:{value};"
        for name, value in (
            ("id", post.query.get("data.id", "").lower()),
            ("request-id", post.headers.get("x-request-id", "")),
            ("ts", timestamp),
        )
        if value
    )
    expected = hmac.new(secret.encode(), manifest.encode(), hashlib.sha256).hexdigest()
    return bool(timestamp) and _is_recent(timestamp, now) and _same(told, expected)


def _same(told: str, expected: str) -> bool:
    # Bytes, since compare_digest takes no text beyond ASCII.
    one, other = told.encode("utf-8", "replace"), expected.encode("utf-8", "replace")
    return bool(told) and hmac.compare_digest(one, other)


def _is_recent(timestamp: str, now: float) -> bool:
    """Seconds or milliseconds since the epoch, within the tolerance on either side."""
    if not re.fullmatch(r"[0-9]{9,13}", timestamp):
        return False
    at = int(timestamp) / (1000 if len(timestamp) > 11 else 1)
    return abs(now - at) <= TOLERANCE_SECONDS


def _signed(settings: Settings, body: bytes, timestamp: str) -> bytes:
    """What the signature covers: the body, or what the template says."""
    template = settings.get("template", "") or "{body}"
    before, _mark, after = template.partition("{body}")
    return (
        before.replace("{timestamp}", timestamp).encode()
        + body
        + after.replace("{timestamp}", timestamp).encode()
    )


def _algorithm(settings: Settings) -> Callable[..., Any]:
    return ALGORITHMS[settings.get("algorithm", "sha256")]


def _encoded(settings: Settings, digest: bytes) -> str:
    if settings.get("encoding") == "base64":
        return base64.b64encode(digest).decode()
    return digest.hex()


def _standard_key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(WHSEC), validate=True)
    except (binascii.Error, ValueError):
        return b""


_CHECKS: dict[str, Callable[[Settings, str, Post, float], bool]] = {
    Scheme.NONE: _none,
    Scheme.HEADER: _header,
    Scheme.BEARER: _bearer,
    Scheme.QUERY: _query,
    Scheme.HMAC: _hmac,
    Scheme.STANDARD: _standard,
    Scheme.RSA: _rsa,
    Scheme.MERCADO_PAGO: _mercado_pago,
}
