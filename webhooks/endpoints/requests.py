"""The POST of a dispatch: the frozen body, our headers and the endpoint's own."""

from __future__ import annotations

from datetime import datetime

from webhooks.endpoints import signing
from webhooks.endpoints.models import Dispatch, Endpoint
from webhooks.endpoints.outgoing import EVENT
from webhooks.endpoints.wire import Request

MASK = "••••"
_SIGNED = frozenset({"webhook-signature", "x-signature-256"})


def of(dispatch: Dispatch, *, signers: list[str], at: datetime) -> Request:
    """As it leaves at this moment: the body is the same at every attempt, its time and signatures
    are of now.

    Args:
        dispatch: with its endpoint and event at hand.
    """
    body = dispatch.event.body.encode()
    proof = signing.headers(
        message_id=EVENT.encode(dispatch.event_id), at=at, body=body, signers=signers
    )
    headers = {**dispatch.endpoint.headers, "Content-Type": "application/json", **proof}
    return Request(
        id=dispatch.pk,
        endpoint_id=dispatch.endpoint_id,
        number=dispatch.attempts,
        url=dispatch.endpoint.url,
        headers=headers,
        body=body,
        at=at,
    )


def shown_headers(endpoint: Endpoint, headers: dict[str, str]) -> dict[str, str]:
    """The headers of a request as its log keeps them: what is secret or may be is masked."""
    own = {name.lower() for name in endpoint.headers}
    return {
        name: MASK if name.lower() in own or name.lower() in _SIGNED else value
        for name, value in headers.items()
    }
