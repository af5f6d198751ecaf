"""What an automation is, as data: checked when it is published, read by the engine.

README for those who build on it
================================

A definition is JSON::

    {
      "trigger": {"kind": "event", "params": {"types": ["pix.created"]}},
      "conditions": {"join": "all", "items": [
          {"kind": "event:amount", "op": "greater", "value": 5000},
          {"join": "any", "items": [{"kind": "tag", "op": "any_of", "value": ["<tag id>"]}]}
      ]},
      "steps": [
        {"id": "s1", "kind": "send_text", "params": {"text": "Olá {{contact.first_name|cliente}}"}},
        {"id": "s2", "kind": "wait", "params": {"for": {"amount": 30, "unit": "minutes"}}},
        {"id": "s3", "kind": "branch",
         "if": {"join": "all", "items": [{"kind": "window", "op": "open"}]},
         "then": [ …steps… ], "else": [ …steps… ]},
        {"id": "s4", "kind": "wait_event",
         "params": {"types": ["pix.paid"], "within": {"amount": 1, "unit": "days"}},
         "then": [ …if it came… ], "else": [ …if not… ]}
      ],
      "limits": {"per_contact_per_day": 20, "cooldown": {"amount": 1, "unit": "hours"},
                 "same_order_hours": 24, "late_hours": 24}
    }

- `kind` of a trigger, condition, action and wait names a row of `registry`; `params` are its
  `fields` (`values.Field`: name, label, `value.input`, `value.options()`, help, default). Inputs
  beyond those of audiences: textarea and line (texts with `{{values}}`), keywords, duration
  (`{"amount", "unit"}`), clock, zone, money (minor unit), flag, template_values (a text for each
  variable of the template in the field `depends_on`).
- Conditions are written as the rules of audiences are (`{"kind", "op", "value"}`, an argument
  behind a colon); groups nest once. No conditions: always.
- Every step has an `id` of its own (`new_step_id`), which stays when the step is moved: the log of
  a run and the errors name it. Only `branch` and waits for events have `then` and `else`.
- `limits` may be left out, wholly or in part.
- A draft may be incomplete: `problems(definition)` says all that is missing, by place
  (`{"trigger.params.types": FieldError, "steps.s1.params.text": …, "conditions.items.0": …,
  "steps.s3.if.items.0.items.1": …}`), in everyday words; `validate` raises the same as `Invalid`.
- `describe.definition_lines(definition)` says it in sentences; `placeholders.menu(…)` lists the
  values for texts.

Services (all keyword-only): `services.automations`: `create`, `save_draft`, `rename`, `publish`,
`switch_on`, `switch_off`, `duplicate`, `delete_automation`, `restore`; `services.runs`: `stop`,
`stop_waiting`, `run_again`; `services.dry_runs`: `start`, `cancel`; `ready_made.READY_MADE` and
`ready_made.create`. Reads: `selectors`. Words of a log line: `words.line(step)`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import FieldError, Invalid
from crm.audiences.values import BadValue, Text
from webhooks.automations import registry, soundness
from webhooks.automations.values import Duration, Field

Definition = dict[str, Any]
Problems = dict[str, FieldError]

BRANCH = "branch"
JOINS = ("all", "any")
MOST_STEPS, MOST_CONDITIONS, DEEPEST = 100, 50, 6
MOST_ID = 16
LIMITS: Mapping[str, Any] = {
    "per_contact_per_day": 20,
    "cooldown": None,  # for a contact, since its last run began
    "same_order_hours": 24,  # an order that is told twice runs once; 0: each time
    "late_hours": 24,  # a run that is woken so much too late (we were away) stops
}
MOST_PER_DAY, MOST_HOURS = 1000, 24 * 90
MOST_DIGITS = 9


def empty() -> Definition:
    """A definition that says nothing yet."""
    return {
        "trigger": {"kind": "", "params": {}},
        "conditions": {"join": "all", "items": []},
        "steps": [],
        "limits": dict(LIMITS),
    }


def new_step_id() -> str:
    """An id that no other step of a definition has."""
    return "s" + secrets.token_hex(4)


def steps_of(definition: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """All steps, from top to bottom, those of branches behind their branch."""
    yield from _walk(definition.get("steps") or ())


def validate(given: Any) -> Definition:
    """The definition as it is published: every value read, every step with its id.

    Raises:
        core.errors.Invalid: all that is wrong, by place (see above).
    """
    reader = _Reader()
    read = reader.definition(given)
    if reader.problems:
        raise Invalid(reader.problems)
    return read


def problems(given: Any) -> Problems:
    """All that keeps a draft from being published, by place; empty when nothing does."""
    reader = _Reader()
    reader.definition(given)
    return reader.problems


def shaped(given: Any) -> Definition:
    """A draft as it is kept: its shape is checked, what it says is not.

    Raises:
        core.errors.Invalid: it is no definition, or a step has no id, or one that another has.
    """
    is_one = isinstance(given, Mapping) and not set(given) - set(empty())
    if not is_one or not soundness.is_storable(given):
        raise _no_definition()
    kept = {**empty(), **given}
    seen: set[str] = set()
    for step in _walk(kept["steps"]):
        name = step.get("id") if isinstance(step, Mapping) else None
        if not isinstance(name, str) or not 0 < len(name) <= MOST_ID or name in seen:
            raise Invalid({"steps": _("Each step needs an id of its own.")})
        seen.add(name)
    if len(seen) > MOST_STEPS:
        raise Invalid({"steps": _("An automation has at most 100 steps.")})
    if not soundness.is_sound(kept, steps_of(kept)):
        raise _no_definition()
    return kept


def _no_definition() -> Invalid:
    return Invalid({"definition": _("A definition has a trigger, conditions and steps.")})


def limits_of(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The guards of a definition, those that it leaves out as they are for all."""
    return {**LIMITS, **(definition.get("limits") or {})}


def _walk(steps: Any) -> Iterator[Mapping[str, Any]]:
    if not isinstance(steps, Sequence) or isinstance(steps, str):
        return
    for step in steps:
        yield step
        if isinstance(step, Mapping):
            yield from _walk(step.get("then") or ())
            yield from _walk(step.get("else") or ())


class _Reader:
    """Reads a definition, noting what is wrong and where instead of giving up at the first."""

    def __init__(self) -> None:
        self.problems: Problems = {}
        self._ids: set[str] = set()
        self._conditions = 0

    def definition(self, given: Any) -> Definition:
        if not isinstance(given, Mapping):
            self._note("", "form", _("A definition has a trigger, conditions and steps."))
            return empty()
        for name in set(given) - set(empty()):
            self._note(str(name), "unknown", _("This is not known here."))
        steps = given.get("steps") or []
        read = {
            "trigger": self._trigger(given.get("trigger")),
            "conditions": self._group(given.get("conditions") or {}, "conditions", depth=0),
            "steps": self._steps(steps, "steps", depth=0),
            "limits": self._limits(given.get("limits") or {}),
        }
        if not steps:
            self._note("steps", "required", _("Add at least one step."))
        if len(self._ids) > MOST_STEPS:
            self._note("steps", "too_many", _("An automation has at most 100 steps."))
        return read

    def _trigger(self, given: Any) -> dict[str, Any]:
        kind = given.get("kind") if isinstance(given, Mapping) else None
        trigger = registry.trigger_of(str(kind or ""))
        if trigger is None:
            self._note("trigger", "required", _("Choose when it starts."))
            return {"kind": "", "params": {}}
        params = self._params(given.get("params"), trigger.fields, "trigger")
        return {"kind": trigger.kind, "params": params}

    def _steps(self, given: Any, place: str, *, depth: int) -> list[dict[str, Any]]:
        if not isinstance(given, list):
            self._note(place, "form", _("Steps are a list."))
            return []
        if depth > DEEPEST:
            self._note(place, "too_deep", _("Branches are nested too deeply."))
            return []
        read = [self._step(step, place, depth=depth) for step in given]
        self._nothing_behind_the_end(given, read)
        return read

    def _nothing_behind_the_end(self, given: list[Any], read: list[dict[str, Any]]) -> None:
        for step in read[:-1]:
            action = registry.action_of(step["kind"])
            if action is not None and action.ends:
                self._note(f"steps.{step['id']}", "ends", _("Nothing behind this step is done."))

    def _step(self, given: Any, place: str, *, depth: int) -> dict[str, Any]:
        name = given.get("id") if isinstance(given, Mapping) else None
        if not isinstance(name, str) or not 0 < len(name) <= MOST_ID or name in self._ids:
            self._note(place, "id", _("Each step needs an id of its own."))
            name = new_step_id()
        self._ids.add(name)
        here = f"steps.{name}"
        kind = str(given.get("kind") or "") if isinstance(given, Mapping) else ""
        read: dict[str, Any] = {"id": name, "kind": kind}
        if kind == BRANCH:
            read["if"] = self._group(given.get("if") or {}, f"{here}.if", depth=0)
            if not read["if"]["items"]:
                self._note(f"{here}.if", "required", _("Add at least one condition."))
            return read | self._ways(given, here, depth)
        action, wait = registry.action_of(kind), registry.wait_of(kind)
        found = action or wait
        if found is None:
            self._note(here, "kind", _("Choose what is done here."))
            return {**read, "params": {}}
        read["params"] = self._params(given.get("params"), found.fields, here)
        if action is not None:
            for field, why in action.check(read["params"]).items():
                self._note(f"{here}.params.{field}", "invalid", why)
        if wait is not None and wait.branches:
            read |= self._ways(given, here, depth)
        return read

    def _ways(self, given: Mapping[str, Any], here: str, depth: int) -> dict[str, Any]:
        return {
            way: self._steps(given.get(way) or [], f"{here}.{way}", depth=depth + 1)
            for way in ("then", "else")
        }

    def _params(self, given: Any, fields: Sequence[Field], here: str) -> dict[str, Any]:
        values = given if isinstance(given, Mapping) else {}
        for name in sorted(set(values) - {field.name for field in fields}):
            self._note(f"{here}.params.{name}", "unknown", _("This is not known here."))
        read: dict[str, Any] = {}
        for field in fields:
            raw = values.get(field.name, field.default)
            if raw in (None, "", [], {}):
                if field.is_required:
                    self._note(f"{here}.params.{field.name}", "required", _("Fill this in."))
                continue
            try:
                read[field.name] = field.value.read(raw)
            except BadValue as error:
                self.problems[f"{here}.params.{field.name}"] = error.error
        return read

    def _group(self, given: Any, place: str, *, depth: int) -> dict[str, Any]:
        join = given.get("join", "all") if isinstance(given, Mapping) else None
        items = given.get("items", []) if isinstance(given, Mapping) else None
        if join not in JOINS or not isinstance(items, list):
            self._note(place, "form", _("Conditions are joined by “all” or “any”."))
            return {"join": "all", "items": []}
        read = []
        for index, item in enumerate(items):
            here = f"{place}.items.{index}"
            if isinstance(item, Mapping) and "items" in item:
                if depth:
                    self._note(here, "too_deep", _("Groups of conditions nest only once."))
                    continue
                read.append(self._group(item, here, depth=depth + 1))
            else:
                read.append(self._condition(item, here))
        return {"join": join, "items": read}

    def _condition(self, given: Any, here: str) -> dict[str, Any]:
        self._conditions += 1
        if self._conditions > MOST_CONDITIONS:
            self._note(here, "too_many", _("Use at most 50 conditions."))
        kind = str(given.get("kind") or "") if isinstance(given, Mapping) else ""
        condition, argument = registry.condition_of(kind)
        if condition is None:
            self._note(here, "kind", _("Choose what is asked."))
            return {"kind": kind, "op": ""}
        if condition.arguments is not None and not argument:
            self._note(here, "argument", _("Choose which field is asked."))
        operator = condition.operator(str(given.get("op") or ""), argument)
        if operator is None:
            self._note(here, "op", _("Choose how to compare."))
            return {"kind": kind, "op": ""}
        try:
            value = operator.value.read(given.get("value"))
        except BadValue as error:
            self.problems[here] = error.error
            value = None
        kept = {} if value is None else {"value": value}
        return {"kind": kind, "op": operator.name, **kept}

    def _limits(self, given: Any) -> dict[str, Any]:
        limits = {**LIMITS, **(given if isinstance(given, Mapping) else {})}
        for name in set(limits) - set(LIMITS):
            self._note(f"limits.{name}", "unknown", _("This is not known here."))
        read: dict[str, Any] = {
            "per_contact_per_day": self._whole(limits, "per_contact_per_day", 1, MOST_PER_DAY),
            "same_order_hours": self._whole(limits, "same_order_hours", 0, MOST_HOURS),
            "late_hours": self._whole(limits, "late_hours", 1, MOST_HOURS),
            "cooldown": None,
        }
        if limits["cooldown"]:
            try:
                read["cooldown"] = Duration().read(limits["cooldown"])
            except BadValue as error:
                self.problems["limits.cooldown"] = error.error
        return read

    def _whole(self, limits: Mapping[str, Any], name: str, least: int, most: int) -> int:
        text = str(limits[name]).strip()
        if not text.isdecimal() or len(text) > MOST_DIGITS or not least <= int(text) <= most:
            message = _("Write a whole number from %(least)d to %(most)d.")
            self._note(f"limits.{name}", "range", message % {"least": least, "most": most})
            return int(LIMITS[name])
        return int(text)

    def _note(self, place: str, code: str, message: Text) -> None:
        self.problems.setdefault(place, FieldError(code, message))
