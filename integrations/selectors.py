"""Reads of integrations: the gallery, one with its numbers, its queue and its runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.ids import uuids_of
from integrations import registry
from integrations.enums import IntegrationState, PushState, SyncState
from integrations.models import Integration, Push, SyncRun
from integrations.providers.base import Provider

SHOWN_RUNS = 20
_TONES = {
    IntegrationState.CONNECTED: "success",
    IntegrationState.STOPPED: "danger",
    IntegrationState.DISCONNECTED: "neutral",
}
# Why something waits, failed or was not sent, for people.
REASONS: dict[str, str | Promise] = {
    "access_revoked": _("Access was taken back in the other system."),
    "token_ended": _("The token has ended."),
    "token_refused": _("The token is refused."),
    "not_connected": _("It was not connected at that moment."),
    "unreachable": _("The other system did not answer."),
    "unreadable": _("The other system's answer made no sense."),
    "server_error": _("The other system had an error."),
    "no_id": _("The other system took it and did not say as what."),
    "too_fast": _("The other system asked us to slow down."),
    "blocked": _("The other system blocks us for a while."),
    "pace": _("It waits for its turn."),
    "not_found": _("It does not exist in the other system any more."),
    "refused": _("The other system refuses this."),
    "crashed": _("Something unexpected happened here."),
    "contact_deleted": _("The contact was deleted."),
    "no_address": _("The contact has no phone and no e-mail."),
    "linked_elsewhere": _("Another contact of yours is this person there."),
    "disconnected": _("The integration was disconnected."),
}


@dataclass(frozen=True, slots=True)
class Overview:
    """A system in the gallery; `integration` None while nobody ever connected it."""

    provider: Provider
    integration: Integration | None
    waiting: int = 0
    failed: int = 0

    @property
    def is_connected(self) -> bool:
        return self.state == IntegrationState.CONNECTED

    @property
    def is_stopped(self) -> bool:
        return self.state == IntegrationState.STOPPED

    @property
    def state(self) -> str:
        return self.integration.state if self.integration else IntegrationState.DISCONNECTED

    @property
    def state_label(self) -> str:
        return str(IntegrationState(self.state).label)

    @property
    def state_tone(self) -> str:
        return _TONES[IntegrationState(self.state)]

    @property
    def reason(self) -> str:
        return reason_of(self.integration.state_code) if self.integration else ""


def gallery() -> list[Overview]:
    """Every system, connected or not."""
    rows = {row.provider: row for row in Integration.objects.all()}
    counts = _counts()
    return [_overview(slug, rows.get(slug), counts) for slug in registry.slugs()]


def overview_of(integration: Integration) -> Overview:
    """One of them."""
    return _overview(integration.provider, integration, _counts(integration))


def names(ids: Collection[str]) -> Mapping[str, str]:
    """What the systems of these ids are called, as those who changed something here."""
    rows = Integration.objects.filter(pk__in=uuids_of(ids)).values_list("pk", "provider")
    return {str(pk): registry.provider(slug).label for pk, slug in rows}


def reason_of(code: str) -> str:
    """A code in words; one that we do not know stays as it is."""
    return str(REASONS.get(code, code))


def pushes_of(integration: Integration, *, state: str = "") -> QuerySet[Push]:
    """What was, is and will be told to it."""
    rows = Push.objects.filter(integration=integration).select_related("contact")
    return rows.filter(state=state) if state in PushState.values else rows


def runs_of(integration: Integration) -> QuerySet[SyncRun]:
    """Its readings."""
    return SyncRun.objects.filter(integration=integration)


def running_of(integration: Integration) -> SyncRun | None:
    """The reading that is under way."""
    return runs_of(integration).filter(state=SyncState.RUNNING).first()


def latest_runs(integration: Integration) -> list[SyncRun]:
    """The newest readings first."""
    return list(runs_of(integration).order_by("-started_at", "-id")[:SHOWN_RUNS])


def _overview(slug: str, row: Integration | None, counts: dict[tuple[Any, str], int]) -> Overview:
    pk = row.pk if row else None
    return Overview(
        provider=registry.provider(slug),
        integration=row,
        waiting=counts.get((pk, PushState.WAITING), 0),
        failed=counts.get((pk, PushState.FAILED), 0),
    )


def _counts(integration: Integration | None = None) -> dict[tuple[Any, str], int]:
    rows = Push.objects.filter(state__in=(PushState.WAITING, PushState.FAILED))
    if integration is not None:
        rows = rows.filter(integration=integration)
    counted = rows.order_by().values_list("integration", "state").annotate(n=Count("id"))
    return {(pk, state): count for pk, state, count in counted}
