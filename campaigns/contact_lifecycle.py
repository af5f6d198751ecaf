"""What campaigns hold of a person beside their messages: files that somebody asked for."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.models import Export
from crm import traces
from crm.enums import ExportState
from crm.traces import Subject
from messaging.models import Message


def register() -> None:
    """Called once, from AppConfig.ready()."""
    traces.add_place(
        traces.Files(Export, _of_runs, pending=ExportState.PENDING, label=_("Exported files"))
    )


def _of_runs(subject: Subject) -> QuerySet[Export]:
    """Lists of recipients of runs that the person was planned in."""
    runs = Message.objects.filter(contact__in=subject.contacts).values("stream")
    return Export.objects.filter(campaign__stream__in=runs)
