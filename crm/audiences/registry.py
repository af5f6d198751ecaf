"""What can be asked about contacts: each kind of rule, with its operators, in a typed registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from crm.audiences.values import Option, Text, Value


class Unresolvable(LookupError):
    """Something that an audience needs is gone (a saved audience); then nobody is in it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it is kept.

    Attributes:
        kind: of a registered predicate, without what stands behind the colon.
        argument: what stands there: the field of `attribute:cidade`; else empty.
        value: what the operator's Value made of it.
    """

    kind: str
    argument: str
    op: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Context:
    """What conditions know besides their rule.

    Attributes:
        now: the moment that “the last 7 days” end at.
        within: the saved audiences that are being read, outermost first.
        read: all that were read so far, as often as they were.
    """

    now: datetime
    within: tuple[UUID, ...] = ()
    read: list[UUID] = field(default_factory=list)


Condition = Callable[[Rule, Context], Q]


@dataclass(frozen=True, slots=True)
class Operator:
    """How a rule compares.

    Attributes:
        name: as the rule has it: `any_of`.
        label: as a sentence has it: “has any of”.
        condition: over `crm.models.Contact`. What lies in other tables belongs into `Exists` with
            `OuterRef("pk")`, so that no contact is repeated and PostgreSQL may join.
    """

    name: str
    label: Text
    value: Value
    condition: Condition


@dataclass(frozen=True, slots=True)
class Predicate:
    """A kind of rule.

    Attributes:
        order: smaller stands higher in the list that people choose from.
        arguments: what may stand behind the colon, for kinds that take something there.
        is_listed: whether people are offered it; programs may use it anyway.
        shaped: for kinds whose operators depend on what stands behind the colon: the predicate for
            it, or None where it has no shape of its own.
        kept: operators of rules that were written before; they are read, and not offered.
    """

    kind: str
    label: Text
    operators: Sequence[Operator]
    order: int = 100
    arguments: Callable[[], Sequence[Option]] | None = None
    is_listed: bool = True
    shaped: Callable[[str], Predicate | None] | None = None
    kept: Sequence[Operator] = ()

    def operator(self, name: str) -> Operator | None:
        """The operator of this name, if the kind has it."""
        known = (*self.operators, *self.kept)
        return next((item for item in known if item.name == name), None)


_predicates: dict[str, Predicate] = {}


def register(predicate: Predicate) -> None:
    """Let audiences ask this.

    Raises:
        ValueError: another predicate has this kind.
    """
    if predicate.kind in _predicates:
        raise ValueError(f"the kind {predicate.kind} is registered already")
    _predicates[predicate.kind] = predicate


def predicates() -> list[Predicate]:
    """All kinds that people are offered, in their order."""
    listed = [item for item in _predicates.values() if item.is_listed]
    return sorted(listed, key=lambda item: item.order)


def predicate_of(kind: str) -> Predicate | None:
    """The predicate of a rule's kind, in the shape that what stands behind a colon gives it."""
    name, _colon, argument = kind.partition(":")
    found = _predicates.get(name)
    if found is None or found.shaped is None or not argument:
        return found
    return found.shaped(argument) or found


def kinds() -> list[str]:
    """The names of all kinds, for messages."""
    return sorted(_predicates)


def rule_of(stored: Mapping[str, Any]) -> Rule:
    """A rule of an audience as it is kept."""
    kind, _colon, argument = str(stored["kind"]).partition(":")
    return Rule(kind, argument, stored["op"], stored.get("value"))


def opposite(operator: Operator, name: str, label: Text) -> Operator:
    """The operator that holds exactly where the other does not."""
    return Operator(
        name, label, operator.value, lambda rule, context: ~operator.condition(rule, context)
    )
