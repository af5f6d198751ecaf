"""Saved audiences: who fits is found anew each time, so a change is felt wherever they are used."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, FieldError, Invalid
from crm import audiences, registry
from crm.audiences.rules.segments import MAX_DEPTH, named_by
from crm.models import Segment
from team.models import Member

NAME_LENGTH = 80


def create_segment(*, name: str, audience: Any, by: Member | None = None) -> Segment:
    """Save an audience under a name.

    Args:
        audience: in any form that crm.audiences reads.

    Raises:
        core.errors.Invalid: under `name`, or what is wrong with the audience.
        core.errors.Conflict: `segment_exists`, another one has this name.
    """
    segment = Segment(name=_name(name), audience=audiences.validate(audience), created_by=by)
    with transaction.atomic():
        _save(segment)
        _check_depth(segment)
    return segment


def update_segment(*, segment: Segment, name: str | None = None, audience: Any = None) -> Segment:
    """Rename it, or change who fits; what is None stays.

    Raises:
        core.errors.Invalid: as in create_segment; or it would contain itself.
        core.errors.Conflict: as in create_segment.
    """
    if name is not None:
        segment.name = _name(name)
    if audience is not None:
        segment.audience = audiences.validate(audience)
    with transaction.atomic():
        _save(segment)
        _check_depth(segment)
    return segment


def delete_segment(*, segment: Segment) -> None:
    """Forget a saved audience.

    Raises:
        core.errors.Conflict: `segment_in_use`; `params["uses"]` names what needs it.
    """
    uses = registry.uses_of(segment.pk)
    if uses:
        names = ", ".join(str(use.label) for use in uses[:5])
        raise Conflict(
            "segment_in_use",
            _("This audience is still used: %(uses)s. Choose another one there first."),
            params={"uses": names},
        )
    segment.delete()


def _name(text: str) -> str:
    name = " ".join(text.replace("\x00", "").split())
    if not name:
        raise Invalid({"name": _("Give the audience a name.")})
    if len(name) > NAME_LENGTH:
        raise Invalid({"name": _("The name of an audience has at most 80 characters.")})
    return name


def _save(segment: Segment) -> None:
    try:
        with transaction.atomic():
            segment.save()
    except IntegrityError:
        raise Conflict(
            "segment_exists", _("There is already an audience with this name."), field="name"
        ) from None


def _check_depth(segment: Segment) -> None:
    """No audience within itself, nor more of them within each other than are ever read."""
    level: set[UUID] = {segment.pk}
    for _depth in range(MAX_DEPTH):
        rows = Segment.objects.filter(pk__in=level).values_list("audience", flat=True)
        level = {pk for stored in rows for pk in named_by(stored)}
        if segment.pk in level:
            message = _(
                "An audience cannot contain itself. Take out the rule that leads back here."
            )
            raise Invalid({"audience": FieldError("audience_loop", message)})
    if level:
        message = _("At most five saved audiences may stand within each other.")
        raise Invalid({"audience": FieldError("audience_too_deep", message)})
