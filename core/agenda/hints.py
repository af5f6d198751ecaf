"""The Celery side of the agenda: a message that says where to look, and nothing more."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from celery import shared_task

from core import scope, tasks
from core.agenda.kinds import PUBLIC, registered


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
    return tasks.hint(run, schema, kind, key, queue=queue)


@shared_task(name="agenda.run")
def run(schema: str, kind: str, key: str) -> None:
    """Do what is due behind one key of one company."""
    run_here(schema, kind, key)


def run_here(schema: str, kind: str, key: str) -> None:
    """The same without a worker: the scanner does it itself when the broker is away."""
    with place(schema):
        registered[kind].handle(key)
