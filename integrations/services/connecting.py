"""Connecting another system, by the way over its page or by a key that was typed, and letting it
go again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import agenda
from core.errors import Conflict, Invalid, NotFound, Unavailable
from events.bus import publish
from events.services import incidents, interests
from integrations import registry
from integrations.agenda import PUSH, SYNC
from integrations.enums import IntegrationState, PushState, SyncState
from integrations.events import IntegrationConnected, IntegrationDisconnected
from integrations.models import Integration, Push, SyncRun
from integrations.preferences import Preferences
from integrations.providers.base import (
    Access,
    Account,
    Grant,
    Provider,
    ProviderError,
    Refused,
    RemoteField,
    Revoked,
    TokenRefused,
)
from integrations.services import states, tokens
from team.models import Member

SUBSCRIBER = "integrations.push"
_SENTENCES = {
    "subdomain": _("Write the account as it stands in the address, such as minhaloja."),
    "token": _("This token does not open the account. Copy it once more, whole."),
    "url": _("Write the whole address, beginning with https://."),
}


def provider_named(slug: str) -> Provider:
    """The system of that name. Raises core.errors.NotFound."""
    try:
        return registry.provider(slug)
    except LookupError:
        raise NotFound from None


def connect_by_key(
    *, slug: str, values: Mapping[str, str], by: Member | None = None, actor: str = "system"
) -> Integration:
    """Connect with values that somebody typed (`Provider.fields`); they are tried first.

    Raises:
        core.errors.Invalid: a value does not hold, by field.
        core.errors.Unavailable: the other system does not answer.
    """
    speaker = provider_named(slug)
    try:
        grant = speaker.grant_of(values)
    except Refused as error:
        raise Invalid({error.code: _SENTENCES[error.code]}) from None
    return _connect(speaker, grant, by, actor)


def connect_by_consent(
    *, slug: str, params: Mapping[str, str], by: Member | None = None, actor: str = "system"
) -> Integration:
    """Connect with what the way back from the other system's page brought. The caller has
    checked that its state is ours.

    Raises:
        core.errors.Conflict: `consent_refused`, somebody said no there, or the code is void.
        core.errors.Unavailable: the other system does not answer.
    """
    speaker = provider_named(slug)
    try:
        grant = speaker.exchange(params, redirect_uri=tokens.redirect_uri(slug))
    except (Refused, Revoked):
        raise Conflict(
            "consent_refused", _("Access was not granted. Connect again and allow it there.")
        ) from None
    except ProviderError:
        raise _no_answer(speaker) from None
    return _connect(speaker, grant, by, actor)


@transaction.atomic
def disconnect(*, integration: Integration, actor: str = "system") -> None:
    """Forget the keys; what waits is not sent. Settings, ids and history stay for another time."""
    row = Integration.objects.select_for_update().get(pk=integration.pk)
    if row.state == IntegrationState.DISCONNECTED:
        return
    row.state, row.state_code, row.state_detail = IntegrationState.DISCONNECTED, "", ""
    row.credentials, row.token_expires_at = {}, None
    row.next_sync_at = row.blocked_until = None
    row.save()
    _end_work(row)
    listen_for()
    incidents.close(scope=states.scope_of(row))
    publish(IntegrationDisconnected(integration_id=row.pk, provider=row.provider), actor=actor)
    states.show()


def listen_for() -> None:
    """Hear of what the connected systems want to be told, and of nothing else; to be called in the
    transaction that changes it."""
    alive = Integration.objects.exclude(state=IntegrationState.DISCONNECTED)
    wanted: set[str] = set()
    for row in alive:
        if registry.provider(row.provider).capabilities.pushes:
            wanted |= Preferences.of(row.preferences).types
    interests.declare(subscriber=SUBSCRIBER, types=wanted)


def _end_work(row: Integration) -> None:
    """What waits for the account is not sent, and what is read from it is not taken."""
    now = timezone.now()
    Push.objects.filter(integration=row, state=PushState.WAITING).update(
        state=PushState.DROPPED, code="disconnected", finished_at=now
    )
    SyncRun.objects.filter(integration=row, state=SyncState.RUNNING).update(
        state=SyncState.STOPPED, finished_at=now
    )


def _connect(speaker: Provider, grant: Grant, by: Member | None, actor: str) -> Integration:
    access = Access(config=grant.config, token=grant.secrets.get("access_token", ""))
    try:
        account = speaker.account(access)
        fields = speaker.remote_fields(access)
    except (TokenRefused, Refused, Revoked):
        raise Invalid({"token": _SENTENCES["token"]}) from None
    except ProviderError:
        raise _no_answer(speaker) from None
    return _keep(speaker, grant, account, fields, by, actor)


@transaction.atomic
def _keep(
    speaker: Provider,
    grant: Grant,
    account: Account,
    fields: list[RemoteField],
    by: Member | None,
    actor: str,
) -> Integration:
    row, _made = Integration.objects.select_for_update().get_or_create(provider=speaker.slug)
    if row.account_id and row.account_id != account.id:
        # Another account: its ids are other people's, and what was under way is the former's.
        _end_work(row)
        row.ids.all().delete()
        row.watermark = {}
        # Which field is which was said of the former's; they do not exist in this one.
        row.preferences = {**row.preferences, "mapping": {}}
    row.state, row.state_code, row.state_detail = IntegrationState.CONNECTED, "", ""
    row.account_id, row.account_name = account.id, account.name[:120]
    row.credentials, row.token_expires_at = dict(grant.secrets), grant.expires_at
    row.config = {**grant.config, "fields": as_rows(fields)}
    row.connected_by, row.connected_at, row.blocked_until = by, timezone.now(), None
    if speaker.capabilities.syncs and row.interval_minutes:
        row.next_sync_at = timezone.now()
        agenda.append(SYNC, str(row.pk))
    row.save()
    agenda.append(PUSH, str(row.pk))
    listen_for()
    incidents.close(scope=states.scope_of(row))
    publish(
        IntegrationConnected(
            integration_id=row.pk, provider=row.provider, account=row.account_name
        ),
        actor=actor,
    )
    states.show()
    return row


def as_rows(fields: list[RemoteField]) -> list[dict[str, Any]]:
    """Their fields, as `Integration.config` keeps them for the mapping."""
    return [{"id": field.id, "label": field.label} for field in fields]


def _no_answer(speaker: Provider) -> Unavailable:
    return Unavailable(
        "no_answer",
        _("%(name)s does not answer. Try again in a minute."),
        params={"name": speaker.label},
    )
