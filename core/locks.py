"""Taking turns at something that has no row of its own to lock."""

from collections.abc import Iterable

from core import scope, statements

_HOLD = "SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))"
# One after the other, in an order that all have: so two who hold many never wait for each other.
_HOLD_ALL = """
    SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest(%(keys)s::text[]) AS key
"""


def hold(key: str) -> None:
    """Wait until nobody else of this company is at `key`; it is ours until the transaction ends.

    To be called inside a transaction, before what it protects is read.
    """
    statements.run(_HOLD, key=f"{scope.required_company_id()}:{key}")


def hold_all(keys: Iterable[str]) -> None:
    """The same for several, in one statement."""
    company = scope.required_company_id()
    wanted = [f"{company}:{key}" for key in sorted(set(keys))]
    if wanted:
        statements.run(_HOLD_ALL, keys=wanted)
