"""Whose signature a callback must carry, by the address it came to."""

import time
from dataclasses import dataclass

from django.conf import settings

from core.database.pooled.base import patience
from tenants.enums import CompanyState, RouteKind
from tenants.models import Route
from webhooks.ingress.services import keeping
from webhooks.ingress.services.spool import AWAY

# How long a process believes what it read: a company that is deleted is answered "gone" so much
# later. A secret that was changed is found at once, for its signatures do not hold.
REMEMBERED_SECONDS = 5.0
# While the database is away, it believes what it read so long ago.
REMEMBERED_IN_NEED_SECONDS = 6 * 3600.0
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Address:
    """One of our addresses, as a provider was told it.

    Attributes:
        route: the company's own address; None for the platform app's, which serves all companies.
        secret: what its callbacks are signed with; empty while nobody has set it.
        is_gone: its company was deleted.
    """

    provider: str
    secret: str
    verify_token: str
    route: Route | None = None
    is_gone: bool = False


def of_platform(provider: str) -> Address:
    """The address of the platform's own app at the provider."""
    return Address(
        provider=provider,
        secret=settings.META_APP_SECRET,
        verify_token=settings.META_VERIFY_TOKEN,
    )


def of_token(provider: str, token: str, *, anew: bool = False) -> Address | None:
    """A company's address by the routing id in it; None when nobody ever had it.

    Args:
        anew: ask the registry, whatever this process remembers.

    Raises:
        django.db.Error: one of `spool.AWAY`: the registry is away, and what this process remembers
            does not do.
    """
    known = _remembered.get((provider, token))
    age = time.monotonic() - known[0] if known is not None else REMEMBERED_IN_NEED_SECONDS
    if known is not None and not anew and age < _trusted_seconds():
        return known[1]
    try:
        address = _registered(provider, token)
    except AWAY:
        keeping.database_failed()
        if known is None or anew or age >= REMEMBERED_IN_NEED_SECONDS:
            raise
        return known[1]
    if address is not None:
        if len(_remembered) >= MOST_REMEMBERED:
            _remembered.clear()
        _remembered[provider, token] = time.monotonic(), address
    return address


def _trusted_seconds() -> float:
    return REMEMBERED_IN_NEED_SECONDS if keeping.is_database_away() else REMEMBERED_SECONDS


def _registered(provider: str, token: str) -> Address | None:
    with patience(keeping.CONNECTION_SECONDS):
        route = (
            Route.objects.select_related("company")
            .filter(kind=RouteKind.WEBHOOK, provider=provider, external_id=token)
            .first()
        )
    if route is None:
        return None
    return Address(
        provider=provider,
        secret=route.secret,
        verify_token=route.verify_token,
        route=route,
        is_gone=route.company.state == CompanyState.DELETED,
    )


_remembered: dict[tuple[str, str], tuple[float, Address]] = {}
