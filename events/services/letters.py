"""Dead letters: what happens when one is given up, and how they are tried again or thrown away.

A box that holds any is one open incident, which counts what came since and ends by itself when the
box is empty. Groups are gone through in slices (`LetterRun`), oldest key first, each letter once:
what dies again is not taken up by the same run.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import agenda, realtime, scope
from core.errors import Invalid
from events import bus
from events.dead_letters import Box, boxes, counts
from events.enums import LetterAction, RunState
from events.events import LettersQuarantined, LettersRedriven
from events.models import Incident, LetterRun
from events.services import incidents
from tenants.links import company_path
from tenants.models import Company

KIND = "events.letters"
INCIDENT = "dead_letters"
CAUSE = "quarantined"
TOPIC = "dead-letters"
PIECE = 200


@transaction.atomic
def quarantined(code: str, *, count: int = 1) -> None:
    """Something of a box was given up: an incident opens, or counts one more."""
    box = boxes[code]
    scope_of = incidents.scope_of(INCIDENT, code)
    url = company_path(Company.objects.get(pk=scope.required_company_id()), "dead-letters")
    data = {"box": str(box.label), "count": count}
    opened = incidents.report(kind=INCIDENT, scope=scope_of, cause=CAUSE, data=data, url=url)
    if opened:  # whoever should know is told once, not for each
        bus.publish(LettersQuarantined(box=code))
    _show(code)


@transaction.atomic
def settled(code: str) -> None:
    """Something of a box was mended or thrown away: with the last one, the incident ends."""
    if not boxes[code].rows().exists():
        incidents.close(scope=incidents.scope_of(INCIDENT, code), cause=CAUSE)
    _show(code)


def look() -> None:
    """Open and close what nobody told of: retention, erasing and other apps' own buttons."""
    scopes = Incident.objects.filter(kind=INCIDENT, closed_at=None)
    standing = set(scopes.values_list("scope", flat=True))
    held = counts()
    for code in boxes:
        is_open = incidents.scope_of(INCIDENT, code) in standing
        if code in held and not is_open:
            quarantined(code, count=held[code])
        elif is_open and code not in held:
            settled(code)


@transaction.atomic
def act_on(*, box: Box, action: str, keys: Sequence[str], actor: str = "system") -> int:
    """Try a few letters again, or throw them away, before this returns; how many there were."""
    found = box.keys(keys)
    if found:
        _act(box, action, found)
        _tell(box, action, len(found), actor)
    settled(box.code)
    return len(found)


@transaction.atomic
def begin(*, box: Box, action: str, cause: str = "", actor: str = "system") -> LetterRun:
    """Try all letters of a box again, or throw them away, of one cause if it is given; in the
    background.

    Raises:
        core.errors.Invalid: under `cause`: there is none.
    """
    total = box.count(cause=cause)
    if not total:
        raise Invalid({"cause": _("There is nothing left of this cause.")})
    run = LetterRun.objects.create(
        box=box.code,
        cause=cause,
        action=LetterAction(action),
        total=total,
        requested_by=actor,
    )
    agenda.append(KIND, str(run.pk))
    _tell(box, action, total, actor)
    return run


def run(key: str) -> None:
    """The agenda's handler: two seconds of it, then the rest at the next wake-up."""
    agenda.in_slices(KIND, key, partial(_piece, UUID(key)))


def due(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Runs that are not finished (the agenda's selector)."""
    running = LetterRun.objects.filter(state=RunState.RUNNING)
    if key is not None:
        running = running.filter(pk=key)
    return [(str(pk), at) for pk, at in running.values_list("pk", "created_at")]


@transaction.atomic
def _piece(pk: UUID) -> bool:
    """One piece and how far it came; False when there is no more to do."""
    running = LetterRun.objects.select_for_update().filter(state=RunState.RUNNING, pk=pk)
    found = running.first()
    if found is None:
        return False
    box = boxes[found.box]
    rows = box.rows(cause=found.cause, until=found.created_at).order_by("pk")
    if found.cursor:
        rows = rows.filter(pk__gt=found.cursor)
    keys = list(rows.values_list("pk", flat=True)[:PIECE])
    if keys:
        _act(box, found.action, keys)
        found.done += len(keys)
        found.cursor = str(keys[-1])
    is_over = len(keys) < PIECE
    if is_over:
        found.state, found.finished_at = RunState.DONE, timezone.now()
        found.cause = ""  # it may name somebody
    found.save()
    settled(box.code)
    return not is_over


def _act(box: Box, action: str, keys: Sequence[Any]) -> None:
    (box.redrive if action == LetterAction.REDRIVE else box.discard)(keys)


def _tell(box: Box, action: str, count: int, actor: str) -> None:
    fact = LettersRedriven(box=box.code, action=action, count=count)
    bus.publish(fact, actor=actor)


def _show(code: str) -> None:
    realtime.push_coalesced(scope.required_company_id(), TOPIC, "changed", code)
