"""What was posted about a person: posts stay, as facts that something came, and are empty."""

from __future__ import annotations

from django.db.models import F, Func, QuerySet, TextField, Value
from django.utils.translation import gettext_lazy as _

from crm import lifecycle, traces
from crm.lifecycle import Participant
from crm.traces import Subject
from webhooks.sources.enums import ReceivedState
from webhooks.sources.models import Received, Told
from webhooks.sources.services.intake import WAITING

ERASED = {"erased": True}


def register() -> None:
    """Called once, from AppConfig.ready()."""
    lifecycle.register(
        Participant(
            Told,
            exported=("kind", "created_at", "received__data"),
            erased={"contact": None},
            label=_("Posts of sources"),
        )
    )
    traces.add_place(
        traces.Scan(
            Received,
            ["data", "details", "trace", "error"],
            _silence,
            rows=_received,
            label=_("Posts of sources"),
        )
    )
    traces.add_place(
        traces.Scan(Received, ["said"], _silence, rows=_unread, label=_("Posts of sources"))
    )


def _unread(subject: Subject) -> QuerySet[Received]:
    """Posts that nobody could read as data name people in their bytes alone."""
    said = Func(F("raw"), Value("escape"), function="encode", output_field=TextField())
    return _received(subject).filter(data__isnull=True).exclude(raw=b"").annotate(said=said)


def _received(subject: Subject) -> QuerySet[Received]:
    """Up to the moment at which it was asked for: what comes later is their own act."""
    return Received.objects.filter(received_at__lte=subject.until)


def _silence(rows: QuerySet[Received], _subject: Subject) -> int:
    """Posts that name this person are emptied, bytes and all; those that wait are not read any
    more. Their keys stay, so that a repeated post brings nothing back."""
    pks = list(rows.values_list("pk", flat=True))
    found = Received.objects.filter(pk__in=pks)
    found.filter(state__in=WAITING).update(state=ReceivedState.IGNORED)
    return found.update(raw=b"", data=ERASED, details=None, trace=[], error="")
