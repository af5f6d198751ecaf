"""What people choose about an integration once it is connected."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import agenda
from core.errors import Invalid, Unavailable
from events.bus import publish
from integrations.agenda import SYNC
from integrations.enums import IntegrationState
from integrations.events import IntegrationChanged
from integrations.models import Integration
from integrations.preferences import INTERVALS, Preferences, check
from integrations.providers.base import ProviderError, Revoked
from integrations.registry import provider
from integrations.services import connecting, states, tokens


@transaction.atomic
def choose(
    *, integration: Integration, preferences: Preferences, actor: str = "system"
) -> Integration:
    """What is sent, how notes look, and which field is which there.

    Raises:
        core.errors.Invalid: by field.
    """
    row = Integration.objects.select_for_update().get(pk=integration.pk)
    check(preferences, remote=[field["id"] for field in row.config.get("fields", ())])
    before, after = Preferences.of(row.preferences).as_json(), preferences.as_json()
    changed = [name for name in after if after[name] != before[name]]
    if changed:
        row.preferences = after
        row.save(update_fields=["preferences"])
        connecting.listen_for()
        _tell(row, changed, actor)
    return row


@transaction.atomic
def set_interval(*, integration: Integration, minutes: int, actor: str = "system") -> Integration:
    """How often it is read by itself; the next time counts from now.

    Raises:
        core.errors.Invalid: not one of `preferences.INTERVALS`.
    """
    if minutes not in INTERVALS:
        raise Invalid({"interval_minutes": _("Choose from the list.")})
    row = Integration.objects.select_for_update().get(pk=integration.pk)
    if row.interval_minutes == minutes:
        return row
    row.interval_minutes, row.next_sync_at = minutes, None
    if minutes and row.state != IntegrationState.DISCONNECTED:
        row.next_sync_at = timezone.now() + timedelta(minutes=minutes)
        agenda.append(SYNC, str(row.pk), row.next_sync_at)
    row.save(update_fields=["interval_minutes", "next_sync_at"])
    _tell(row, ["interval_minutes"], actor)
    return row


def fetch_fields(*, integration: Integration) -> Integration:
    """Ask the other system which fields its contacts have, for the mapping.

    Raises:
        core.errors.Unavailable: it does not answer, or refuses us.
    """
    speaker = provider(integration.provider)
    try:
        found = tokens.ask(integration.pk, speaker.remote_fields)
    except ProviderError as error:
        if isinstance(error, Revoked):
            states.stop(integration, code=error.code, detail=error.detail)
        raise Unavailable(
            "no_answer",
            _("%(name)s does not answer. Try again in a minute."),
            params={"name": speaker.label},
        ) from None
    with transaction.atomic():
        row = Integration.objects.select_for_update().get(pk=integration.pk)
        row.config = {**row.config, "fields": connecting.as_rows(found)}
        row.save(update_fields=["config"])
    return row


def _tell(row: Integration, changed: list[str], actor: str) -> None:
    publish(IntegrationChanged(integration_id=row.pk, changed=changed), actor=actor)
    states.show()
