"""Taking turns at something that has no row of its own to lock."""

from core import scope, statements

_HOLD = "SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))"


def hold(key: str) -> None:
    """Wait until nobody else of this company is at `key`; it is ours until the transaction ends.

    To be called inside a transaction, before what it protects is read.
    """
    statements.run(_HOLD, key=f"{scope.required_company_id()}:{key}")
