"""Tags: words that are one whatever their case and accents."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Invalid
from crm import registry
from crm.models import Tag
from crm.search import fold

MAX_LENGTH = 60
COLORS = ("gray", "blue", "green", "amber", "red", "violet", "pink", "teal")


def key_of(name: str) -> str:
    """What makes two names the same tag: `  Cliente  VIP ` and `cliente vip` are one."""
    return re.sub(r"\s+", " ", fold(name)).strip()[:MAX_LENGTH]


def ensure_tags(*, names: Iterable[str]) -> list[Tag]:
    """The tags of these names, created where missing, in the given order without repeats.

    Raises:
        core.errors.Invalid: a name is longer than 60 characters.
    """
    wanted: dict[str, str] = {}
    for name in names:
        if name.strip():
            wanted.setdefault(key_of(name), re.sub(r"\s+", " ", name).strip())
    for name in wanted.values():
        _check(name)
    tags = {tag.key: tag for tag in Tag.objects.filter(key__in=wanted)}
    missing = [Tag(name=name, key=key) for key, name in wanted.items() if key not in tags]
    if missing:
        Tag.objects.bulk_create(missing, ignore_conflicts=True)
        tags = {tag.key: tag for tag in Tag.objects.filter(key__in=wanted)}
    return [tags[key] for key in wanted]


def create_tag(*, name: str, color: str = "gray") -> Tag:
    """A new tag.

    Raises:
        core.errors.Invalid: no name, too long, or no such colour.
        core.errors.Conflict: `tag_exists`.
    """
    tag = Tag(name=re.sub(r"\s+", " ", name).strip(), key=key_of(name), color=color)
    _save(tag)
    return tag


def update_tag(*, tag: Tag, name: str | None = None, color: str | None = None) -> Tag:
    """Rename or recolour a tag; contacts keep it.

    Raises:
        core.errors.Invalid, core.errors.Conflict: as in create_tag.
    """
    if name is not None:
        tag.name, tag.key = re.sub(r"\s+", " ", name).strip(), key_of(name)
    if color is not None:
        tag.color = color
    _save(tag)
    return tag


def delete_tag(*, tag: Tag) -> None:
    """Take a tag off all contacts and forget it; the contacts stay.

    Raises:
        core.errors.Conflict: `tag_in_use`; `params["uses"]` names the audiences and campaigns that
            look for it, or leave out who has it.
    """
    uses = registry.uses_of(tag.pk)
    if uses:
        raise Conflict(
            "tag_in_use",
            _("This tag is still used: %(uses)s. Choose another one there first."),
            params={"uses": ", ".join(str(use.label) for use in uses[:5])},
        )
    tag.delete()


def _save(tag: Tag) -> None:
    _check(tag.name)
    if tag.color not in COLORS:
        raise Invalid({"color": _("Choose one of the colours.")})
    try:
        with transaction.atomic():
            tag.save()
    except IntegrityError:
        raise Conflict(
            "tag_exists", _("There is already a tag with this name."), field="name"
        ) from None


def _check(name: str) -> None:
    if not name:
        raise Invalid({"name": _("Give the tag a name.")})
    if len(name) > MAX_LENGTH:
        raise Invalid({"tags": _("A tag's name has at most 60 characters.")})
