"""Whose signature a callback must carry, by the address it came to."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import OperationalError

from core.database.pooled.base import patience
from core.microbatch import Busy, Microbatch
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
        django.db.OperationalError: the registry is away, and what this process remembers does not
            do.
    """
    key = provider, token
    known = _remembered.get(key)
    if known is not None and not anew and known.is_trusted():
        return known.address
    if known is not None:
        known.asked_at = time.monotonic()  # one of us asks, the others go on with what we have
    try:
        with patience(keeping.CONNECTION_SECONDS):
            address = _look_up(key, patience=keeping.TURN_SECONDS)
    except (*AWAY, Busy) as error:
        keeping.database_failed()
        if known is None or anew or not known.is_trusted():
            raise OperationalError from error
        return known.address
    if address is not None:
        if len(_remembered) >= MOST_REMEMBERED:
            _remembered.clear()
        _remembered[key] = _Known(address)
    return address


class _Known:
    """What was read, when, and when somebody last asked again."""

    __slots__ = ("address", "asked_at", "read_at")

    def __init__(self, address: Address) -> None:
        self.address = address
        self.read_at = self.asked_at = time.monotonic()

    def is_trusted(self) -> bool:
        now = time.monotonic()
        if now - self.read_at >= REMEMBERED_IN_NEED_SECONDS:
            return False
        return now - self.asked_at < REMEMBERED_SECONDS or keeping.is_database_away()


def _registered(keys: Sequence[tuple[str, str]]) -> list[Address | None]:
    """The addresses of (provider, token), in one question."""
    routes = Route.objects.select_related("company").filter(
        kind=RouteKind.WEBHOOK,
        provider__in={provider for provider, _ in keys},
        external_id__in={token for _, token in keys},
    )
    found = {(route.provider, route.external_id): _address(route) for route in routes}
    return [found.get(key) for key in keys]


def _address(route: Route) -> Address:
    return Address(
        provider=route.provider,
        secret=route.secret,
        verify_token=route.verify_token,
        route=route,
        is_gone=route.company.state == CompanyState.DELETED,
    )


# Who asks at once asks together: a flood of strangers takes one connection, not all of them.
_look_up: Microbatch[tuple[str, str], Address | None] = Microbatch(
    lambda keys: _registered(keys), most=64
)
_remembered: dict[tuple[str, str], _Known] = {}
