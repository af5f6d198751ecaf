"""What automations bring to the shell and to a contact's page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import navigation
from core.ids import uuids_of
from crm import registry
from crm.models import Contact
from events import actors
from events.models import Event
from events.traces import TraceRow, add_trace
from webhooks.automations import selectors, words
from webhooks.automations.models import Automation, Miss, Run


def register() -> None:
    """Called once, from AppConfig.ready()."""
    navigation.add_entry(
        navigation.Entry(
            label=_("Automations"),
            url_name="automations",
            icon="workflow",
            permission="automations.view",
            order=45,
            go="a",
        )
    )
    navigation.add_source(
        navigation.Source(
            label=_("Automations"), permission="automations.view", order=35, find=_find
        )
    )
    registry.add_timeline(
        registry.Timeline(name="automations", permission="automations.view", load=_runs_of)
    )
    add_trace(_("Automations"), _traces_of, order=30)
    actors.add_kind("automation", _named)


def _named(rests: Collection[str]) -> Mapping[str, str]:
    """Automations as events name them, `<id>:<how many stood before>`."""
    wanted = {rest: rest.partition(":")[0] for rest in rests}
    rows = Automation.objects.filter(pk__in=uuids_of(wanted.values())).values_list("pk", "name")
    names = {str(pk): name for pk, name in rows}
    return {
        rest: gettext("Automation “%(name)s”") % {"name": names[pk]}
        for rest, pk in wanted.items()
        if pk in names
    }


def _find(text: str, limit: int) -> Iterable[navigation.Found]:
    for one in selectors.automation_list(q=text)[:limit]:
        yield navigation.Found(
            label=one.name,
            hint=one.get_state_display(),
            url=reverse("automation", args=[one.pk]),
            icon="workflow",
        )


def _runs_of(contact: Contact, limit: int) -> Iterable[registry.Entry]:
    """The runs of a contact as entries of its timeline, each leading to its log."""
    runs = list(selectors.run_list(contact_id=contact.pk)[:limit])
    refused = selectors.refused_among([run.pk for run in runs])
    for run in runs:
        state, tone = words.standing(run, run.pk in refused)
        yield registry.Entry(
            at=run.started_at,
            icon="workflow",
            title=run.automation.name,
            text=state,
            url=reverse("automation-run", args=[run.pk]),
            tone=tone,
        )


def _traces_of(events: Sequence[Event]) -> Mapping[UUID, Sequence[TraceRow]]:
    """What automations made of events: the runs that they started, and what started nothing."""
    uids = [event.uid for event in events]
    found: defaultdict[UUID, list[TraceRow]] = defaultdict(list)
    # Named one by one, so that the index of `run_once`, which begins with them, finds the runs.
    automations = list(Automation.objects.values_list("pk", flat=True))
    rows = Run.objects.filter(automation__in=automations, event_uid__in=uids)
    runs = list(rows.select_related("automation"))
    refused = selectors.refused_among([run.pk for run in runs])
    for run in runs:
        state, tone = words.standing(run, run.pk in refused)
        found[run.event_uid].append(
            TraceRow(
                title=run.automation.name,
                state=state,
                tone=tone,
                at=run.started_at,
                detail=words.reason(run.code),
                url=reverse("automation-run", args=[run.pk]),
            )
        )
    for miss in Miss.objects.filter(event_uid__in=uids).select_related("automation"):
        found[miss.event_uid].append(
            TraceRow(
                title=miss.automation.name,
                state=_("Not started"),
                at=miss.at,
                detail=words.reason(miss.code, miss.said),
                url=reverse("automation-misses", args=[miss.automation_id]),
            )
        )
    return found
