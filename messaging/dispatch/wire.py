"""Messages on the wire of a slice (`core.http.Wire`), in one connection's name."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

import structlog

from connections.providers.base import (
    Credentials,
    FailureClass,
    Outgoing,
    Provider,
    SendError,
    SendResult,
)
from core import http

log = structlog.get_logger(__name__)


class Answer(NamedTuple):
    """How one send ended: a result, or the error that says why there is none."""

    id: UUID
    outcome: SendResult | SendError


class Wire(http.Wire[UUID, SendResult]):
    """Sends concurrently through one provider in one connection's name."""

    def __init__(self, provider: Provider, credentials: Credentials, *, limit: int) -> None:
        super().__init__(limit)
        self._provider = provider
        self._credentials = credentials

    def start(self, batch: Mapping[UUID, Outgoing]) -> None:
        """Put messages on the wire; they move on while `collect` runs."""
        self.launch(
            (key, self._provider.send(self.session, self._credentials, message))
            for key, message in batch.items()
        )

    def collect(self, patience: float, enough: int) -> list[Answer]:
        """The answers that came in, as soon as there are `enough`, after `patience` seconds at
        the latest."""
        return [Answer(key, _outcome(task)) for key, task in self.landed(patience, enough)]


def _outcome(task: asyncio.Task[SendResult]) -> SendResult | SendError:
    """A provider raises SendError and nothing else; if one ever does, nobody knows what left."""
    error = task.exception()
    if error is None:
        return task.result()
    if isinstance(error, SendError):
        return error
    log.error("dispatch.provider_crashed", error=type(error).__name__, exc_info=error)
    return SendError(FailureClass.AMBIGUOUS, "no_answer", type(error).__name__)
