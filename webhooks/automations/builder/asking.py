"""The form of one condition: what is asked, how it compares, with what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from crm.audiences.values import BadValue, Option, Text
from webhooks.automations import describe, registry
from webhooks.automations.builder import controls
from webhooks.automations.builder.controls import Control
from webhooks.automations.builder.kinds import options_of_conditions
from webhooks.automations.values import Field

VALUE = "value"


@dataclass(frozen=True)
class Question:
    """A condition as its form shows it; one whose operator does not fit its kind has the first."""

    kind: str
    op: str
    raw: Any = None
    error: Text = ""

    @cached_property
    def kinds(self) -> list[tuple[Text, list[Option]]]:
        """What can be asked; what this one asks stays among them."""
        groups = options_of_conditions()
        known = {option.value for _label, options in groups for option in options}
        if not self.kind or self.kind in known:
            return groups
        own = Option(self.kind, describe.condition_name({"kind": self.kind}))
        return [("", [own]), *groups]

    @cached_property
    def operators(self) -> Sequence[registry.Operator]:
        """How it can compare."""
        condition, argument = registry.condition_of(self.kind)
        return condition.operators_for(argument) if condition else ()

    @cached_property
    def operator(self) -> registry.Operator | None:
        """The chosen one, else the first."""
        chosen = next((one for one in self.operators if one.name == self.op), None)
        return chosen or (self.operators[0] if self.operators else None)

    @property
    def control(self) -> Control | None:
        """What it compares with."""
        if self.operator is None:
            return None
        return Control(Field(VALUE, _("With"), self.operator.value), self.raw, self.error)

    def read(self) -> dict[str, Any]:
        """As the definition keeps it.

        Raises:
            BadValue: the value does not fit, or nothing is asked.
        """
        if self.operator is None:
            raise BadValue("kind", _("Choose what is asked."))
        value = self.operator.value.read(self.raw or None)
        kept = {} if value is None else {VALUE: value}
        return {"kind": self.kind, "op": self.operator.name, **kept}

    def refused(self, error: BadValue) -> Question:
        """The same with what is wrong."""
        return replace(self, error=error.error.message)


def new_question() -> Question:
    """A fresh one: the first that can be asked."""
    groups = options_of_conditions()
    return Question(groups[0][1][0].value if groups else "", "")


def kept_question(item: Mapping[str, Any]) -> Question:
    """One of the definition."""
    return Question(str(item.get("kind") or ""), str(item.get("op") or ""), item.get(VALUE))


def sent_question(data: QueryDict) -> Question:
    """What was typed."""
    empty = Question(data.get("kind", ""), data.get("op", ""))
    control = empty.control
    return empty if control is None else replace(empty, raw=_raw(control, data))


def _raw(control: Control, data: QueryDict) -> Any:
    [typed] = controls.sent([control.field], data)
    return typed.raw
