"""Background work of a company: the task base, and the hint that starts one.

A task takes ids only, is safe to lose and safe to repeat: what is due stands in rows, and the
agenda finds it again. So a hint never fails its caller.
"""

from __future__ import annotations

import logging
import uuid
from functools import partial
from typing import Any

from celery import Task
from django.db import connection, transaction
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from core import (
    lifesigns,  # noqa: F401 -- Celery loads this module, and with it the workers' beats
    redis,
    scope,
)

logger = logging.getLogger(__name__)


class CompanyTask(Task):
    """Opens the company named by the first argument (its id), whole: schema, language, zone,
    path prefix. Everything is reset afterwards, also when the task raises.

    ``@shared_task(base=CompanyTask)`` over ``def pump(company_id: str, connection_id: str)``.
    An unknown company raises ``UnknownCompany``.
    """

    abstract = True
    ignore_result = True
    # A killed worker's task runs again; that is safe because rows decide what is left to do.
    acks_late = True
    reject_on_worker_lost = True

    def __call__(self, company_id: str, *args: Any, **kwargs: Any) -> Any:
        company = scope.resolve(company_id)
        with scope.opened(company), scope.surroundings(company):
            return super().__call__(company_id, *args, **kwargs)


def hint(
    task: Task, company_id: uuid.UUID | str, *ids: uuid.UUID | str, queue: str | None = None
) -> bool:
    """Ask a worker to look at something, once the current transaction has committed.

    Returns False when the broker refused it, which only a caller outside a transaction can
    learn; inside one the hint is queued behind the commit and the answer is True. Never raises:
    the agenda repeats what gets lost.
    """
    args = tuple(str(value) for value in (company_id, *ids))
    if connection.in_atomic_block:
        transaction.on_commit(partial(_send, task, args, queue), robust=True)
        return True
    return _send(task, args, queue)


def _send(task: Task, args: tuple[str, ...], queue: str | None) -> bool:
    # The broker is the same Redis, and the client under Celery would retry for seconds while it
    # is away; a ping knows at once, and remembers.
    if not redis.available():
        logger.warning("hint lost: %s (Redis is away)", task.name)
        return False
    try:
        # Without a queue it goes where the task's own routing says.
        where: dict[str, Any] = {"queue": queue} if queue else {}
        task.apply_async(args=args, retry=False, ignore_result=True, **where)
    except (KombuError, RedisError, OSError) as error:
        logger.warning("hint lost: %s (%s)", task.name, type(error).__name__)
        return False
    return True
