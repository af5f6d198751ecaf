"""How runs follow a contact that becomes part of another one, and go with an erased one.

A run's data are the event's, words and all: they go with the person. What a definition says was
written by the team, not by the person it is about; it may name somebody all the same.
"""

from crm import lifecycle, traces
from crm.lifecycle import Erased, Participant
from crm.traces import Scan, deleted
from webhooks.automations.models import DryRunItem, Miss, Run


def register() -> None:
    """Called once, from AppConfig.ready()."""
    lifecycle.register(
        Participant(
            Run,
            clash=("automation", "event_uid", "event_run"),
            exported=["automation__name", "event_type", "data", "state", "started_at"],
            erased=Erased.DELETED,
        )
    )
    lifecycle.register(Participant(Miss, erased=Erased.DELETED, is_use=False))
    lifecycle.register(Participant(DryRunItem, erased=Erased.DELETED, is_use=False))
    # Events that named nobody whom we know: their data may be about the person.
    traces.add_place(Scan(Run, ["data"], deleted))
    traces.add_place(Scan(Miss, ["said"], deleted))
