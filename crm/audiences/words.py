"""An audience in sentences, for people who check whom they write to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.audiences.reading import Audience
from crm.audiences.registry import predicate_of, rule_of
from crm.audiences.selection import rules_of


@dataclass(frozen=True, slots=True)
class Sentence:
    """One rule in words; `excludes` when it keeps people out."""

    text: str
    excludes: bool = False


def describe(audience: Audience) -> list[Sentence]:
    """What an audience as it is kept says, rule by rule; a query for each rule that names rows."""
    include, exclude = rules_of(audience)
    said = [Sentence(_words(rule)) for rule in include] or [Sentence(_("All contacts"))]
    return said + [Sentence(_words(rule), excludes=True) for rule in exclude]


def _words(stored: Mapping[str, Any]) -> str:
    rule = rule_of(stored)
    if rule.kind == "contact":
        count = len(rule.value)
        chosen = ngettext("%(count)d chosen contact", "%(count)d chosen contacts", count)
        return chosen % {"count": count}
    predicate = predicate_of(str(stored["kind"]))
    operator = predicate.operator(rule.op) if predicate else None
    if predicate is None or operator is None:
        return rule.kind
    name = rule.argument if predicate.shaped else predicate.label
    label = f"“{name}”" if rule.argument else str(predicate.label)
    return " ".join(filter(None, [label, str(operator.label), operator.value.words(rule.value)]))
