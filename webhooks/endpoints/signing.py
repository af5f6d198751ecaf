"""Signatures of deliveries: Standard Webhooks (https://www.standardwebhooks.com, v1), and the plain
HMAC of the body that many receivers know from elsewhere.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"
BYTES = 32


def new_secret() -> str:
    """A secret as the standard spells it: `whsec_` and base64 of 32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode()


def headers(
    *, message_id: str, at: datetime, body: bytes, signers: Sequence[str]
) -> dict[str, str]:
    """What proves to the receiver that these bytes are ours and of this moment.

    Args:
        signers: the secrets that are valid now, the newest first; `X-Signature-256`, which has
            room for one, takes that.
    """
    moment = str(int(at.timestamp()))
    signed = f"{message_id}.{moment}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(f"v1,{_standard(secret, signed)}" for secret in signers),
        "X-Signature-256": f"sha256={_plain(signers[0], body)}" if signers else "",
    }


def _standard(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _plain(secret: str, body: bytes) -> str:
    """Keyed with the secret as it is shown, as with GitHub and Meta."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
