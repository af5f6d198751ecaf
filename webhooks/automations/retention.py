"""How long the log of automations is kept."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.ids import first_uuid7
from core.retention import Deleting, Kind
from core.retention import register as register_kind
from webhooks.automations.enums import LIVE, DryRunState
from webhooks.automations.models import DryRun, Miss, Run

KEPT_DAYS = 180


def register() -> None:
    """Called once, from AppConfig.ready()."""
    register_kind(
        Kind(
            code="automations",
            label=_("Runs of automations"),
            text=_(
                "What automations did and why, with the data of the event. Runs that are over are "
                "deleted; those that wait stay."
            ),
            default=KEPT_DAYS,
            least=30,
            most=None,
            order=45,
            sources=[
                Deleting("automations.Run", _old_runs),
                Deleting("automations.Miss", _old_misses),
                Deleting("automations.DryRun", _old_dry_runs),
            ],
        )
    )


def _old_runs(before: datetime) -> QuerySet[Run]:
    return Run.objects.filter(pk__lt=first_uuid7(before)).exclude(state__in=LIVE)


def _old_misses(before: datetime) -> QuerySet[Miss]:
    return Miss.objects.filter(at__lt=before)


def _old_dry_runs(before: datetime) -> QuerySet[DryRun]:
    old = DryRun.objects.filter(pk__lt=first_uuid7(before))
    return old.exclude(state=DryRunState.RUNNING)
