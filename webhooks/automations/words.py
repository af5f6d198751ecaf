"""Lines of a run's log in words, in the reader's language. Rows keep codes and values alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.ids import uuid_of
from core.ui import states
from messaging import reasons
from webhooks.automations import describe, event_types, registry
from webhooks.automations.definition import BRANCH, steps_of
from webhooks.automations.enums import Outcome, RunState
from webhooks.automations.models import Run

CONDITIONS, START = "conditions", "start"

# Why a step was not done, an event started nothing, or a run ended. The gate's codes are
# `messaging.reasons`.
CODES = {
    "value_missing": gettext_lazy("A value is empty and has no fallback: %(names)s."),
    "no_number": gettext_lazy("The company has no number for this."),
    "number_gone": gettext_lazy("The number that was chosen does not exist any more."),
    "template_gone": gettext_lazy("The template does not exist any more."),
    "no_address": gettext_lazy("The contact has no address to write to there."),
    "no_contact": gettext_lazy("There is no contact, or it was deleted."),
    "no_conversation": gettext_lazy("The contact has no conversation."),
    "tag_gone": gettext_lazy("The tag does not exist any more."),
    "list_gone": gettext_lazy("The list does not exist any more."),
    "member_gone": gettext_lazy("Whoever was chosen is not there any more."),
    "endpoint_gone": gettext_lazy("The endpoint does not exist any more, or is switched off."),
    "system_gone": gettext_lazy("The system is not connected any more."),
    "step_unknown": gettext_lazy("This kind of step is no longer known."),
    "conditions": gettext_lazy("A condition did not hold."),
    "keyword": gettext_lazy("The message has none of the words."),
    "another": gettext_lazy("It was about another one."),
    "depth": gettext_lazy("Five automations had set each other off before: it goes in circles."),
    "cooldown": gettext_lazy("It ran for this contact a short time ago."),
    "per_day": gettext_lazy("It ran for this contact as often as it may in a day."),
    "same_order": gettext_lazy("It ran for this order already."),
    "switched_off": gettext_lazy("The automation was switched off."),
    "by_hand": gettext_lazy("Somebody stopped it."),
    "deleted": gettext_lazy("The automation was deleted."),
    "contact_gone": gettext_lazy("The contact was deleted."),
    "step": gettext_lazy("The step “Stop here” ended it."),
    "crashed": gettext_lazy("A step failed five times."),
    "too_late": gettext_lazy("It came too late to be done."),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """One condition that was asked: its sentence, what was seen, whether it held."""

    text: str
    seen: str
    held: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log.

    Attributes:
        title: the step as the definition says it.
        detail: what was done, or why not; empty where the title says it all.
        message_id: of the message that was sent.
        rows: the conditions that were asked.
    """

    step: str
    title: str
    icon: str
    outcome: str
    detail: str = ""
    at: Any = None
    message_id: UUID | None = None
    note_id: UUID | None = None
    rows: Sequence[Seen] = field(default_factory=tuple)

    @property
    def label(self) -> str:
        """The outcome in words."""
        return str(Outcome(self.outcome).label)

    @property
    def tone(self) -> str:
        """success, info, warning or danger."""
        return _TONES.get(self.outcome, "info")


_TONES: dict[str, str] = {
    Outcome.DONE: "success",
    Outcome.HELD: "success",
    Outcome.NOT_HELD: "info",
    Outcome.REFUSED: "warning",
    Outcome.FAILED: "danger",
    Outcome.STOPPED: "warning",
}


def standing(run: Run, is_refused: bool) -> tuple[str, str]:
    """What became of a run, and the tone of its badge.

    Args:
        is_refused: whether a rule kept a step of it from being done; then it is no success, though
            it came to its end.
    """
    if run.state == RunState.DONE and is_refused:
        return _("Done, with steps left undone"), "warning"
    return run.get_state_display(), states.tone(run.state)


def line(row: Any, definition: Mapping[str, Any] | None = None) -> Line:
    """A `RunStep`, or a line of a dry run (a mapping with the same names).

    Args:
        definition: the version that the run has; with it the title is the step's own sentence.
    """
    get = row.get if isinstance(row, Mapping) else lambda name: getattr(row, name)
    said: Mapping[str, Any] = get("said") or {}
    step = _step(str(get("step")), str(get("kind")), definition)
    return Line(
        step=str(get("step")),
        title=_title(step),
        icon="filter" if step["kind"] == CONDITIONS else describe.step_icon(step),
        outcome=str(get("outcome")),
        detail=_detail(str(get("outcome")), str(get("code") or ""), said),
        at=get("at"),
        message_id=uuid_of(str(said.get("message") or "")),
        note_id=uuid_of(str(said.get("note") or "")),
        rows=[seen(item) for item in said.get("asked") or ()],
    )


def seen(item: Mapping[str, Any]) -> Seen:
    """A condition that was asked, as the log keeps it."""
    condition, argument = registry.condition_of(str(item.get("kind") or ""))
    shown = "—"
    if condition is not None:
        try:
            shown = str(condition.show(item.get("seen"), argument))
        except (KeyError, TypeError, ValueError):
            shown = str(item.get("seen"))
    return Seen(describe.condition_sentence(item), shown, bool(item.get("held")))


def reason(code: str, said: Mapping[str, Any] | None = None) -> str:
    """Why something was not done, in a sentence; empty for an empty code."""
    if not code:
        return ""
    if code in CODES:
        names = ", ".join((said or {}).get("names") or ())
        return str(CODES[code]) % {"names": names} if "%(" in str(CODES[code]) else str(CODES[code])
    told = (said or {}).get("why")
    if told:
        return str(told)
    found = reasons.explain(code)
    return f"{found.sentence} {found.advice}".strip()


def _step(name: str, kind: str, definition: Mapping[str, Any] | None) -> Mapping[str, Any]:
    for step in steps_of(definition or {}):
        if step.get("id") == name:
            return step
    return {"id": name, "kind": kind}


def _title(step: Mapping[str, Any]) -> str:
    if step["kind"] == CONDITIONS:
        return _("Conditions")
    if len(step) > 2 or step["kind"] == BRANCH:
        return describe.step_sentence(step)
    found = registry.action_of(step["kind"]) or registry.wait_of(step["kind"])
    return str(found.label) if found else str(step["kind"])


def _detail(outcome: str, code: str, said: Mapping[str, Any]) -> str:
    if code:
        return reason(code, said)
    parts = [
        f"“{said['text']}”" if said.get("text") else "",
        str(said["who"]) if said.get("who") else "",
        _("waits until %(time)s") % {"time": _moment(said["until"])}
        if said.get("until") and not said.get("delayed")
        else "",
        _("leaves at %(time)s: %(why)s")
        % {"time": _moment(said.get("until")), "why": reason(str(said["delayed"]))}
        if said.get("delayed")
        else "",
        _("it came: %(what)s") % {"what": _event(said["came"])} if said.get("came") else "",
        _("it did not come in time") if said.get("came") == "" else "",
        str(said["error"]) if said.get("error") else "",
    ]
    return " · ".join(part for part in parts if part)


def _event(name: Any) -> str:
    return event_types.label_of(str(name))


def _moment(text: Any) -> str:
    at = parse_datetime(str(text or ""))
    return formats.date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT") if at else ""
