"""What automations bring to the shell and to a contact's page."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import navigation
from crm import registry
from crm.models import Contact
from webhooks.automations import selectors
from webhooks.automations.enums import RunState

_TONES = {RunState.DONE: "success", RunState.FAILED: "danger", RunState.STOPPED: "warning"}


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
    for run in selectors.run_list(contact_id=contact.pk)[:limit]:
        yield registry.Entry(
            at=run.started_at,
            icon="workflow",
            title=run.automation.name,
            text=run.get_state_display(),
            url=reverse("automation-run", args=[run.pk]),
            tone=_TONES.get(RunState(run.state), "neutral"),
        )
