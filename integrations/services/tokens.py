"""Keys that end and are renewed: one renewal however many need it, kept before it is used."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from core import locks, pacing, scope
from integrations.enums import IntegrationState
from integrations.models import Integration
from integrations.providers.base import Access, Busy, Revoked, TokenRefused, Unreachable
from integrations.registry import provider
from tenants.links import platform_url

T = TypeVar("T")
# What ends within this time is renewed before it is used.
BEFORE_END = timedelta(minutes=2)
# A worker waits so long for its turn at most; what waits longer goes back into its queue.
PATIENCE_SECONDS = 0.5


def ask(integration_id: UUID, work: Callable[[Access], T]) -> T:
    """Do something there. A key that is refused is renewed, and the work done once more from its
    beginning (so it looks before it writes).

    Raises:
        integrations.providers.base.ProviderError: `Revoked` where renewing does not help.
    """
    access = access_to(integration_id)
    try:
        return work(access)
    except TokenRefused:
        access = access_to(integration_id, refused=access.token)
    try:
        return work(access)
    except TokenRefused as error:
        raise Revoked(error.code, error.detail) from None


def access_to(integration_id: UUID, *, refused: str = "") -> Access:
    """The key that holds now.

    Args:
        refused: one that did not; whoever renewed it meanwhile spares us doing so.

    Raises:
        Revoked: it cannot be renewed, or nobody is connected.
        ProviderError: renewing had no answer.
    """
    row = _connected(integration_id)
    if not _is_used_up(row, refused):
        return access_of(row)
    with transaction.atomic():
        # A lock of its own, not the row's: pages may change settings meanwhile.
        locks.hold(f"integration-token:{integration_id}")
        row = _connected(integration_id)
        if _is_used_up(row, refused):
            _renew(row)
    return access_of(row)


def access_of(row: Integration) -> Access:
    """How this account is asked, at its pace."""
    return Access(
        config=row.config,
        token=row.credentials.get("access_token", ""),
        account=row.account_id,
        spend=_spender(row),
    )


def rate_key(row: Integration) -> str:
    """Whose rate it is, for `core.pacing`."""
    return f"{scope.required_company_id()}:integration:{row.pk}"


def redirect_uri(slug: str) -> str:
    """Where people come back to after they agreed."""
    return platform_url("integration-callback", slug)


def _connected(integration_id: UUID) -> Integration:
    row = Integration.objects.get(pk=integration_id)
    if row.state != IntegrationState.CONNECTED:
        raise Revoked("not_connected")
    return row


def _is_used_up(row: Integration, refused: str) -> bool:
    ends = row.token_expires_at
    if ends is not None and ends - BEFORE_END <= timezone.now():
        return True
    return bool(refused) and row.credentials.get("access_token") == refused


def _renew(row: Integration) -> None:
    """The old refresh token is void from here on, so the new one is kept before anything else;
    unless people let the account go meanwhile, or connected it anew with keys of their own."""
    grant = provider(row.provider).refresh(
        row.config, row.credentials, redirect_uri=redirect_uri(row.provider)
    )
    standing = Integration.objects.select_for_update().get(pk=row.pk)
    if standing.state != IntegrationState.CONNECTED:
        raise Revoked("not_connected")
    if standing.connected_at != row.connected_at:
        raise Unreachable("not_connected")  # no reason to stop the new connection
    row.credentials, row.token_expires_at = dict(grant.secrets), grant.expires_at
    row.save(update_fields=["credentials", "token_expires_at"])


def _spender(row: Integration) -> Callable[[], None]:
    key, rate = rate_key(row), provider(row.provider).rate_per_second

    def spend() -> None:
        ends_at = time.monotonic() + PATIENCE_SECONDS
        while True:
            turn = pacing.take(key, rate=rate, burst=1, want=1)
            if turn.now:
                return
            if time.monotonic() + turn.wait > ends_at:
                raise Busy("pace", turn.wait)
            time.sleep(turn.wait)

    return spend
