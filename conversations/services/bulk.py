"""One action on many conversations: what changed, what was so already, and what may not be."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from conversations import visibility
from conversations.services import assignment, inbox_settings, labels, status, story
from core.errors import DomainError, Invalid, NotFound
from team.models import Member, Team

MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be done with each.

    Attributes:
        action: a key of ACTIONS.
        member: for `assign`; None takes it from its member.
        team: for `transfer`, beside the member.
        label: for `label` and `unlabel`.
        until: for `snooze`.
        priority: for `priority`.
        asks_rating: for `resolve`; None as the company usually does with many.
    """

    action: str
    actor: str
    member: Member | None = None
    team: Team | None = None
    label: UUID | None = None
    until: datetime | None = None
    priority: str = ""
    asks_rating: bool | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """One that did not change, and why, in words."""

    conversation_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """`changed` and `unchanged` are counts; refusals are told one by one."""

    changed: int
    unchanged: int
    refused: list[Refusal]


def apply(*, ids: Collection[UUID], order: Order) -> Outcome:
    """Do it with each, one transaction each: one that may not be keeps no other back. What the
    member behind `order.actor` does not see is not found.

    Raises:
        core.errors.Invalid: nothing or more than 200 are chosen, no such action, or it lacks its
            label or moment.
    """
    _check(ids, order)
    act = ACTIONS[order.action]
    changed, unchanged = 0, 0
    hidden = visibility.hidden_among(story.member_behind(order.actor), ids)
    refused = [Refusal(pk, reason_of(NotFound())) for pk in sorted(hidden)]
    # In one order for everybody: two bulk actions at once would hold each other up.
    for conversation_id in sorted(set(ids) - hidden):
        try:
            is_changed = act(conversation_id, order)
        except DomainError as error:
            refused.append(Refusal(conversation_id, reason_of(error)))
        else:
            changed, unchanged = changed + is_changed, unchanged + (not is_changed)
    return Outcome(changed, unchanged, refused)


def reason_of(error: DomainError) -> str:
    """The first thing that is wrong, as one sentence."""
    errors = getattr(error, "errors", {})
    return str(next(iter(errors.values()))[0].message) if errors else error.text


def _resolve(pk: UUID, order: Order) -> bool:
    asks = order.asks_rating
    if asks is None:
        asks = inbox_settings.current().asks_rating_in_bulk
    return status.resolve(conversation_id=pk, actor=order.actor, asks_rating=asks)


def _reopen(pk: UUID, order: Order) -> bool:
    return status.reopen(conversation_id=pk, actor=order.actor)


def _pending(pk: UUID, order: Order) -> bool:
    return status.set_pending(conversation_id=pk, actor=order.actor)


def _snooze(pk: UUID, order: Order) -> bool:
    until = cast("datetime", order.until)
    return status.snooze(conversation_id=pk, until=until, actor=order.actor)


def _assign(pk: UUID, order: Order) -> bool:
    return assignment.assign(conversation_id=pk, member=order.member, actor=order.actor)


def _transfer(pk: UUID, order: Order) -> bool:
    return assignment.transfer(
        conversation_id=pk, member=order.member, team=order.team, actor=order.actor
    )


def _priority(pk: UUID, order: Order) -> bool:
    return assignment.set_priority(conversation_id=pk, priority=order.priority, actor=order.actor)


def _label(pk: UUID, order: Order) -> bool:
    label = cast("UUID", order.label)
    return labels.change(conversation_id=pk, add=[label], actor=order.actor)


def _unlabel(pk: UUID, order: Order) -> bool:
    label = cast("UUID", order.label)
    return labels.change(conversation_id=pk, remove=[label], actor=order.actor)


ACTIONS: Mapping[str, Callable[[UUID, Order], bool]] = {
    "resolve": _resolve,
    "reopen": _reopen,
    "pending": _pending,
    "snooze": _snooze,
    "assign": _assign,
    "transfer": _transfer,
    "priority": _priority,
    "label": _label,
    "unlabel": _unlabel,
}


def _check(ids: Collection[UUID], order: Order) -> None:
    if not ids:
        raise Invalid({"ids": _("Choose at least one conversation.")})
    if len(ids) > MOST:
        raise Invalid({"ids": _("Choose at most 200 conversations at once.")})
    if order.action not in ACTIONS:
        raise Invalid({"action": _("Choose what is to be done.")})
    if order.action in ("label", "unlabel") and order.label is None:
        raise Invalid({"label": _("Choose a label.")})
    if order.action == "snooze" and order.until is None:
        raise Invalid({"until": _("Choose until when.")})
