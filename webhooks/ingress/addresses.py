"""Whose signature a callback must carry, by the address it came to."""

import time
from dataclasses import dataclass

from django.conf import settings

from tenants.enums import CompanyState, RouteKind
from tenants.models import Route

# How long a process believes what it read: a company that is deleted is answered "gone" so much
# later. A secret that was changed is found at once, for its signatures do not hold.
REMEMBERED_SECONDS = 5.0
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
    """
    known = _remembered.get((provider, token))
    if known is not None and known[0] > time.monotonic() and not anew:
        return known[1]
    address = _registered(provider, token)
    if address is not None:
        if len(_remembered) >= MOST_REMEMBERED:
            _remembered.clear()
        _remembered[provider, token] = time.monotonic() + REMEMBERED_SECONDS, address
    return address


def _registered(provider: str, token: str) -> Address | None:
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
