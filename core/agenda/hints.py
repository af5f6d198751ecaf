"""The Celery side of the agenda: a message that says where to look, and nothing more."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from uuid import UUID

import structlog
from celery import shared_task

from core import scope, tasks
from core.agenda import alone
from core.agenda.kinds import PUBLIC, Kind, Rest, registered

log = structlog.get_logger(__name__)


@contextmanager
def place(schema: str) -> Iterator[None]:
    """Open the schema that an agenda row names: `public`, or a company's `c_<uuid hex>`.

    Raises:
        core.scope.UnknownCompany: no such company (any more).
    """
    if schema == PUBLIC:
        with scope.public():
            yield
        return
    try:
        company = scope.resolve(UUID(schema.removeprefix("c_")))
    except ValueError as error:
        raise scope.UnknownCompany(schema) from error
    with scope.opened(company), scope.surroundings(company):
        yield


def hint(schema: str, kind: str, key: str, *, queue: str) -> bool:
    """Tell a worker to look at `key`; False when the broker does not take it."""
    if not registered[kind].is_exclusive:
        return tasks.hint(run, schema, kind, key, queue=queue)
    name = _name(schema, kind, key)
    if not alone.mark(name):
        return True
    is_taken = tasks.hint(run, schema, kind, key, queue=queue)
    if not is_taken:
        alone.unmark(name)
    return is_taken


@shared_task(name="agenda.run")
def run(schema: str, kind: str, key: str) -> None:
    """Do what is due behind one key of one company; of one that is gone there is nothing to do."""
    try:
        run_here(schema, kind, key)
    except scope.UnknownCompany:
        log.info("agenda.company_gone", schema=schema, kind=kind)


def run_here(schema: str, kind: str, key: str) -> None:
    """The same without a worker: the scanner does it itself when the broker is away."""
    found = registered[kind]
    work = partial(_handle, schema, found, key)
    if found.is_exclusive:
        again = partial(hint, schema, kind, key, queue=found.queue)
        rest = alone.run(_name(schema, kind, key), work, again)
    else:
        rest = work()
    if rest is not None:
        with place(schema):
            rest()


def _handle(schema: str, kind: Kind, key: str) -> Rest | None:
    with place(schema):
        return kind.handle(key)


def _name(schema: str, kind: str, key: str) -> str:
    return f"{kind}:{schema}:{key}"
