"""Labels: words on conversations that are one whatever their case and accents."""

from __future__ import annotations

import re
from collections.abc import Collection
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from conversations import hints
from conversations.events import ConversationLabelled
from conversations.models import Conversation, ConversationLabel, Label
from conversations.services import story
from conversations.services.conversations import locked
from core.errors import Conflict, Invalid
from crm.services.tags import COLORS, MAX_LENGTH, key_of
from events import bus


def create_label(*, name: str, color: str = "gray") -> Label:
    """A new label.

    Raises:
        core.errors.Invalid: no name, too long, or no such colour.
        core.errors.Conflict: `label_exists`.
    """
    label = Label(name=_clean(name), key=key_of(name), color=color)
    _save(label)
    return label


def update_label(*, label: Label, name: str | None = None, color: str | None = None) -> Label:
    """Rename or recolour a label; conversations keep it.

    Raises:
        core.errors.Invalid, core.errors.Conflict: as in create_label.
    """
    if name is not None:
        label.name, label.key = _clean(name), key_of(name)
    if color is not None:
        label.color = color
    _save(label)
    return label


def delete_label(*, label: Label) -> None:
    """Take a label off all conversations and forget it; the conversations stay."""
    label.delete()


@transaction.atomic
def change(
    *,
    conversation_id: UUID,
    add: Collection[UUID] = (),
    remove: Collection[UUID] = (),
    actor: str,
) -> bool:
    """Put labels on a conversation and take others off. False when it was so already.

    Raises:
        core.errors.NotFound: no such conversation.
        core.errors.Invalid: a label to put on is not there any more.
    """
    conversation = locked(conversation_id)
    has = {label.pk: label for label in conversation.labels.all()}
    wanted = Label.objects.in_bulk(set(add))
    if len(wanted) != len(set(add)):
        raise Invalid({"label": _("This label was deleted. Choose another one.")})
    added = [label for pk, label in wanted.items() if pk not in has]
    removed = [has[pk] for pk in set(remove) - set(wanted) if pk in has]
    if not added and not removed:
        return False
    ConversationLabel.objects.bulk_create(
        [ConversationLabel(conversation=conversation, label=label) for label in added]
    )
    conversation.labels.remove(*removed)
    _tell(conversation, added, removed, actor)
    return True


def _tell(conversation: Conversation, added: list[Label], removed: list[Label], actor: str) -> None:
    fact = ConversationLabelled(
        conversation_id=conversation.pk,
        added=[label.pk for label in added],
        removed=[label.pk for label in removed],
    )
    bus.publish(fact, actor=actor)
    story.tell(
        conversation,
        "labels",
        actor=actor,
        added=[label.name for label in added],
        removed=[label.name for label in removed],
    )
    hints.conversation_changed(conversation.pk)


def _clean(name: str) -> str:
    return re.sub(r"\s+", " ", name).strip()


def _save(label: Label) -> None:
    if not label.name:
        raise Invalid({"name": _("Give the label a name.")})
    if len(label.name) > MAX_LENGTH:
        raise Invalid({"name": _("A label's name has at most 60 characters.")})
    if label.color not in COLORS:
        raise Invalid({"color": _("Choose one of the colours.")})
    try:
        with transaction.atomic():
            label.save()
    except IntegrityError:
        raise Conflict(
            "label_exists", _("There is already a label with this name."), field="name"
        ) from None
