"""The company's own fields: which there are, of what kind, in which order.

Archiving a definition keeps the values; they are free text again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, FieldError, Invalid
from crm.enums import FieldKind
from crm.field_kinds import choice_key
from crm.models import FieldDefinition
from crm.search import fold

KEY_LENGTH, LABEL_LENGTH, CHOICE_LENGTH = 60, 80, 100
MAX_FIELDS, MAX_CHOICES = 100, 100


def create_field(
    *, label: str, kind: str, key: str = "", choices: Iterable[str] = ()
) -> FieldDefinition:
    """A new field, behind the others.

    Args:
        key: as `Contact.attributes` has it; made from the label when empty. Contacts that carry
            the key already keep their values.
        choices: of kind choice alone.

    Raises:
        core.errors.Invalid: under `label`, `key`, `kind` or `choices`.
        core.errors.Conflict: `field_exists`, another field has this key.
    """
    label = _label(label)
    if kind not in FieldKind.values:
        raise Invalid({"kind": _("Choose one of the kinds.")})
    key = _key(key.strip() or _made_of(label))
    count = FieldDefinition.objects.filter(archived_at=None).count()
    if count >= MAX_FIELDS:
        raise Invalid({"label": _("There are 100 fields already. Archive one first.")})
    definition = FieldDefinition(
        label=label, kind=kind, key=key, choices=_choices(kind, choices), position=count
    )
    _save(definition)
    return definition


def update_field(
    *,
    definition: FieldDefinition,
    label: str | None = None,
    choices: Iterable[str] | None = None,
) -> FieldDefinition:
    """Rename a field or give it other choices; values that are no choice any more stay.

    Raises:
        core.errors.Invalid: under `label` or `choices`.
    """
    if label is not None:
        definition.label = _label(label)
    if choices is not None:
        definition.choices = _choices(definition.kind, choices)
    definition.save(update_fields=["label", "choices"])
    return definition


def archive_field(*, definition: FieldDefinition) -> None:
    """Take a field away from forms; contacts keep what they have as free text."""
    definition.archived_at = definition.archived_at or timezone.now()
    definition.save(update_fields=["archived_at"])


def restore_field(*, definition: FieldDefinition) -> None:
    """Undo archiving.

    Raises:
        core.errors.Conflict: `field_exists`, another field has its key by now.
    """
    definition.archived_at = None
    _save(definition)


def move_field(*, definition: FieldDefinition, to: int) -> None:
    """Give a field another place among those in use; 0 is the first."""
    with transaction.atomic():
        rows = list(FieldDefinition.objects.select_for_update().filter(archived_at=None))
        others = [row for row in rows if row.pk != definition.pk]
        others.insert(max(0, to), definition)
        for position, row in enumerate(others):
            row.position = position
        FieldDefinition.objects.bulk_update(others, ["position"])


def _save(definition: FieldDefinition) -> None:
    try:
        with transaction.atomic():
            definition.save()
    except IntegrityError:
        raise Conflict(
            "field_exists",
            _("There is already a field with this key. Change that one, or choose another key."),
            field="key",
        ) from None


def _label(text: str) -> str:
    label = " ".join(text.replace("\x00", "").split())
    if not 0 < len(label) <= LABEL_LENGTH:
        raise Invalid({"label": _("Give the field a name of at most 80 characters.")})
    return label


def _made_of(label: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", fold(label)).strip("_")[:KEY_LENGTH]


def _key(key: str) -> str:
    """The colon stands between key and value where people write both in one line."""
    if not 0 < len(key) <= KEY_LENGTH or ":" in key or not key.isprintable():
        message = _("A key has 1 to 60 plain characters and no colon, such as “cidade”.")
        raise Invalid({"key": FieldError("field_key", message)})
    return key


def _choices(kind: str, given: Iterable[str]) -> list[str]:
    texts = {choice_key(text): " ".join(text.split()) for text in given if text.strip()}
    if kind != FieldKind.CHOICE:
        if texts:
            raise Invalid({"choices": _("Only a field of the kind “choice” has choices.")})
        return []
    if not 0 < len(texts) <= MAX_CHOICES:
        raise Invalid({"choices": _("Write 1 to 100 choices, one a line.")})
    if any(len(text) > CHOICE_LENGTH or "\x00" in text for text in texts.values()):
        raise Invalid({"choices": _("A choice has at most 100 characters.")})
    return list(texts.values())
