"""One message onto the wire, and how its fate is judged."""

from __future__ import annotations

from connections.providers.answers import lost
from connections.providers.base import Credentials, Outgoing, SendError, SendResult, Session
from connections.providers.whatsapp_cloud import wire
from connections.providers.whatsapp_cloud.addresses import bearer, graph_url
from core import http

_JSON = {"Content-Type": "application/json"}


async def send(session: Session, credentials: Credentials, message: Outgoing) -> SendResult:
    """Put one message on the wire; no retry, no state, no ORM.

    Raises:
        SendError: AMBIGUOUS as soon as a byte may have arrived and no readable answer came back.
    """
    body = wire.payload(message)
    try:
        answer = await http.post(
            session,
            graph_url(f"{credentials.number_id}/messages"),
            data=body,
            headers=bearer(credentials) | _JSON,
            max_bytes=wire.LARGEST_ANSWER,
        )
    except Exception as error:
        # Whatever went wrong there, one question decides: can a byte have arrived?
        raise lost(error, SendError) from error
    return wire.read_answer(answer.status, answer.headers, answer.content)
