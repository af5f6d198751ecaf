"""Teams: who looks after the same conversations."""

import re
from collections.abc import Collection
from enum import Enum
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Invalid, NotFound
from events import bus
from team.enums import TeamColor
from team.events import TeamCreated, TeamDeleted, TeamUpdated
from team.models import Team, TeamMember
from team.selectors import active_members

MAX_NAME = 60
LONGEST_ALERT = 7 * 24 * 60  # minutes
MINUTES = ("alert_after_minutes", "first_reply_minutes", "next_reply_minutes")


class Same(Enum):
    """For what may be set to None: leave it as it is."""

    SAME = "same"


SAME = Same.SAME


@transaction.atomic
def create_team(
    *,
    name: str,
    actor: str,
    color: str = TeamColor.BLUE,
    members: Collection[UUID] = (),
    assigns_automatically: bool = False,
    alert_after_minutes: int | None = None,
    first_reply_minutes: int | None = None,
    next_reply_minutes: int | None = None,
    is_default: bool = False,
) -> Team:
    """A new team.

    Args:
        members: ids of members of the company.
        alert_after_minutes: how long a customer may wait until the team is told; None: never.
        first_reply_minutes, next_reply_minutes: within how many minutes of business hours an
            answer is promised; None: as the company promises.
        is_default: it becomes the default team in place of another one.

    Raises:
        core.errors.Invalid: no name, too long, no such colour, or somebody who is no member.
        core.errors.Conflict: `team_exists`.
    """
    team = Team(
        name=_tidy(name),
        color=color,
        assigns_automatically=assigns_automatically,
        alert_after_minutes=alert_after_minutes,
        first_reply_minutes=first_reply_minutes,
        next_reply_minutes=next_reply_minutes,
        is_default=is_default,
    )
    _save(team)
    _place(team, members)
    bus.publish(TeamCreated(team_id=team.pk), actor=actor)
    return team


@transaction.atomic
def update_team(
    *,
    team_id: UUID,
    actor: str,
    name: str | None = None,
    color: str | None = None,
    members: Collection[UUID] | None = None,
    assigns_automatically: bool | None = None,
    alert_after_minutes: int | Same | None = SAME,
    first_reply_minutes: int | Same | None = SAME,
    next_reply_minutes: int | Same | None = SAME,
    is_default: bool | None = None,
) -> Team:
    """Change what is given; None (and SAME) leaves it as it is. `members` are all of them.

    Raises:
        core.errors.NotFound: there is no such team.
        core.errors.Invalid, core.errors.Conflict: as in create_team.
    """
    team = _locked(team_id)
    wanted: dict[str, Any] = {
        "name": None if name is None else _tidy(name),
        "color": color,
        "assigns_automatically": assigns_automatically,
        "is_default": is_default,
    }
    given = {field: value for field, value in wanted.items() if value is not None}
    minutes = {
        "alert_after_minutes": alert_after_minutes,
        "first_reply_minutes": first_reply_minutes,
        "next_reply_minutes": next_reply_minutes,
    }
    given |= {field: value for field, value in minutes.items() if value is not SAME}
    changed = [field for field, value in given.items() if value != getattr(team, field)]
    for field in changed:
        setattr(team, field, given[field])
    if changed:
        _save(team)
    if members is not None and _place(team, members):
        changed.append("members")
    if changed:
        bus.publish(TeamUpdated(team_id=team.pk, changed=changed), actor=actor)
    return team


@transaction.atomic
def delete_team(*, team_id: UUID, actor: str) -> None:
    """Forget a team; its conversations stay, without a team.

    Raises:
        core.errors.NotFound: there is no such team (any more).
    """
    team = _locked(team_id)
    bus.publish(TeamDeleted(team_id=team.pk, name=team.name), actor=actor)
    team.delete()


def _locked(team_id: UUID) -> Team:
    team = Team.objects.select_for_update().filter(pk=team_id).first()
    if team is None:
        raise NotFound
    return team


def _tidy(name: str) -> str:
    return re.sub(r"\s+", " ", name).strip()


def _save(team: Team) -> None:
    if not team.name:
        raise Invalid({"name": _("Give the team a name.")})
    if len(team.name) > MAX_NAME:
        raise Invalid({"name": _("A team's name has at most 60 characters.")})
    if team.color not in TeamColor.values:
        raise Invalid({"color": _("Choose one of the colours.")})
    for field in MINUTES:
        value = getattr(team, field)
        if value is not None and not 1 <= value <= LONGEST_ALERT:
            raise Invalid({field: _("Choose between one minute and seven days.")})
    if team.is_default:
        Team.objects.filter(is_default=True).exclude(pk=team.pk).update(is_default=False)
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError as error:
        if "team_name_once" not in str(error):
            raise
        raise Conflict(
            "team_exists", _("There is already a team with this name."), field="name"
        ) from None


def _place(team: Team, members: Collection[UUID]) -> bool:
    """Make these its members; True when that changed anything."""
    wanted = set(members)
    known = set(active_members().filter(pk__in=wanted).values_list("pk", flat=True))
    if wanted - known:
        raise Invalid({"members": _("Somebody of these is no member any more. Choose again.")})
    present = set(team.places.values_list("member_id", flat=True))
    team.places.filter(member_id__in=present - wanted).delete()
    TeamMember.objects.bulk_create(
        [TeamMember(team=team, member_id=member_id) for member_id in wanted - present]
    )
    return wanted != present
