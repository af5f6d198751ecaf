"""The audience builder: rules as fields of a page's form, one row each.

A row's fields are named `<list>-<token>-kind`, `-op` and `-value`; the token is any short word, the
order of the rows is that of the page. Pages include `crm/_audience_builder.html` with `builder`,
and read `audience` back from what was sent.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from crm import audiences
from crm.audiences import Audience, Operator, Predicate
from crm.audiences.selection import rules_of
from crm.audiences.values import BadValue, Option, Text

INCLUDE, EXCLUDE = "include", "exclude"
SEVERAL = "choices"
JOINS = (Option("all", _("all of these")), Option("any", _("any of these")))
_FIELD = re.compile(r"^(include|exclude)-(\w{1,16})-kind$")


@dataclass(frozen=True)
class Row:
    """A rule as the page shows it."""

    list_name: str
    token: str
    kind: str
    op: str = ""
    values: Sequence[str] = ()
    error: Text = ""

    @property
    def prefix(self) -> str:
        """How the names of its fields begin."""
        return f"{self.list_name}-{self.token}"

    @cached_property
    def predicate(self) -> Predicate:
        """Of its kind; the first that is offered when the kind is none."""
        return audiences.predicate_of(self.kind) or audiences.predicates()[0]

    @cached_property
    def operator(self) -> Operator:
        """The chosen one if the kind has it, else the kind's first."""
        return self.predicate.operator(self.op) or self.predicate.operators[0]

    @property
    def input(self) -> str:
        """How its value is asked for: `crm.audiences.values.Value.input`."""
        return self.operator.value.input

    @property
    def value(self) -> str:
        """The value of an input that takes one."""
        return self.values[0] if self.values else ""

    @property
    def options(self) -> Sequence[Option]:
        """What there is to choose."""
        return self.operator.value.options()

    @property
    def kinds(self) -> list[tuple[Text, list[Option]]]:
        """The kinds in groups, as a select shows them; fields of contacts are a group."""
        plain = [
            Option(item.kind, item.label) for item in audiences.predicates() if not item.arguments
        ]
        groups: list[tuple[Text, list[Option]]] = [("", plain)]
        for item in audiences.predicates():
            if item.arguments:
                found = [Option(f"{item.kind}:{one.value}", one.label) for one in item.arguments()]
                groups.append((item.label, self._with_own(item, found)))
        return [(label, options) for label, options in groups if options]

    @property
    def is_fixed(self) -> bool:
        """A rule that only programs make: it can be taken out here, not changed."""
        return not self.predicate.is_listed

    @property
    def sentence(self) -> str:
        """The rule in words; of what cannot be read, what it is about."""
        try:
            value = self.operator.value.read(self.raw["value"])
        except BadValue:
            return str(self.predicate.label)
        rule = {**self.raw, "value": value}
        return audiences.describe({"join": "all", INCLUDE: [rule], EXCLUDE: []})[0].text

    @property
    def raw(self) -> dict[str, Any]:
        """The rule as crm.audiences reads it."""
        value: Any = list(self.values) if self.input == SEVERAL else self.value
        if self.is_fixed:
            value = _json(self.value)
        return {"kind": self.kind, "op": self.operator.name, "value": value or None}

    def _with_own(self, item: Predicate, found: list[Option]) -> list[Option]:
        """The field of this rule stays to be chosen when the newest contacts have none of it."""
        kind, _colon, argument = self.kind.partition(":")
        is_missing = kind == item.kind and self.kind not in {one.value for one in found}
        return [*found, Option(self.kind, argument)] if is_missing and argument else found


class Builder:
    """The rules of a page's form: those that were sent, or those of a kept audience."""

    joins = JOINS

    def __init__(self, data: QueryDict | None = None, *, audience: Audience | None = None) -> None:
        self.join = "all"
        self.rows: list[Row] = []
        if data is not None:
            self.join = "any" if data.get("join") == "any" else "all"
            self.rows = list(_sent(data))
        elif audience is not None:
            self.join = audience.get("join", "all")
            self.rows = list(_kept(audience))

    @property
    def include(self) -> list[Row]:
        """Who is in."""
        return [row for row in self.rows if row.list_name == INCLUDE]

    @property
    def exclude(self) -> list[Row]:
        """Who is out."""
        return [row for row in self.rows if row.list_name == EXCLUDE]

    @property
    def audience(self) -> dict[str, Any]:
        """What was built, for crm.audiences.validate; without rules it is everybody."""
        if not self.rows:
            return {"all": True}
        return {
            "join": self.join,
            INCLUDE: [row.raw for row in self.include],
            EXCLUDE: [row.raw for row in self.exclude],
        }

    def show_error(self, error: Invalid) -> None:
        """Put what crm.audiences refused beside its rules."""
        counters = {INCLUDE: 0, EXCLUDE: 0}
        for place, row in enumerate(self.rows):
            key = f"audience.{row.list_name}.{counters[row.list_name]}"
            counters[row.list_name] += 1
            if key in error.errors:
                self.rows[place] = replace(row, error=error.errors[key][0].message)


def new_row(list_name: str) -> Row:
    """A fresh row of a list, with the first kind."""
    name = list_name if list_name in (INCLUDE, EXCLUDE) else INCLUDE
    return Row(name, _token(), audiences.predicates()[0].kind)


def _sent(data: QueryDict) -> Iterator[Row]:
    for name in data:
        if match := _FIELD.match(name):
            prefix = name.removesuffix("-kind")
            yield Row(
                list_name=match[1],
                token=match[2],
                kind=data.get(name, ""),
                op=data.get(f"{prefix}-op", ""),
                values=data.getlist(f"{prefix}-value"),
            )


def _kept(audience: Audience) -> Iterator[Row]:
    for list_name, rules in zip((INCLUDE, EXCLUDE), rules_of(audience), strict=True):
        for rule in rules:
            row = Row(list_name, _token(), rule["kind"], rule["op"])
            yield replace(row, values=_texts(rule.get("value"), as_json=row.is_fixed))


def _texts(value: Any, *, as_json: bool) -> list[str]:
    if as_json:
        return [json.dumps(value)]
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _json(text: str) -> Any:
    """What a hidden field holds; None when somebody changed it into no JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _token() -> str:
    return secrets.token_hex(4)
