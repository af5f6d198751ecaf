"""How long what messages say, and their files, are kept.

Messages stay as rows: runs count them, and money was spent on them. Both are gone through by key,
which needs no index beside the primary one; what is still to be sent is left alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CASCADE, Exists, ManyToOneRel, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core import files
from core.ids import first_uuid7
from core.retention import Kind, Walking
from core.retention import register as register_kind
from messaging.enums import OPEN_STATES, Direction, MediaState
from messaging.models import Media, Message, Receipt

# What is left of content; pages say why there is none.
GONE: dict[str, Any] = {"expired": True}
GONE_FILE = "expired"  # Media.error


def register() -> None:
    """Called once, from AppConfig.ready()."""
    register_kind(
        Kind(
            code="messages",
            label=_("What messages say"),
            text=_(
                "Texts, values of templates and notes. The message stays with its time, state and "
                "cost, without its words; search does not find it any more."
            ),
            default=None,
            least=30,
            most=None,
            order=20,
            sources=[Walking("messaging.Message", _with_words, _silence)],
        )
    )
    register_kind(
        Kind(
            code="media",
            label=_("Files of messages"),
            text=_(
                "Pictures, voice messages, videos and documents. The message stays; files that a "
                "campaign sends stay too."
            ),
            default=None,
            least=30,
            most=None,
            order=30,
            sources=[Walking("messaging.Media", _with_file, _put_away)],
        )
    )


def _with_words(_before: datetime) -> QuerySet[Message]:
    """But lines that tell what the team did: they hold a code and ids, and no words."""
    lines = Q(direction=Direction.INTERNAL, content__has_key="code")
    return Message.objects.exclude(dispatch__in=OPEN_STATES).exclude(content=GONE).exclude(lines)


def _silence(ids: list[UUID]) -> int:
    Receipt.objects.filter(message__in=ids).exclude(detail="").update(detail="")
    return Message.objects.filter(pk__in=ids).update(
        content=GONE, variables={}, detail="", trace=None
    )


def _with_file(before: datetime) -> QuerySet[Media]:
    """Files that nothing but messages has, none of them still to be sent, and none younger: a file
    that was uploaded once may be sent every day."""
    rows = Media.objects.exclude(key="")
    relations = [
        one for one in Media._meta.get_fields(include_hidden=True) if isinstance(one, ManyToOneRel)
    ]
    for relation in relations:
        model, name = relation.related_model, relation.field.name
        used = model._default_manager.filter(**{name: OuterRef("pk")})
        if model is Message:
            used = used.filter(dispatch__in=OPEN_STATES)
        elif relation.on_delete is CASCADE:  # a message's place in the inbox, under the same key
            used = used.filter(pk__gte=first_uuid7(before))
        rows = rows.exclude(Exists(used))
    return rows


def _put_away(ids: list[UUID]) -> int:
    """The file goes first: a row without a file is found again, a file without a row never."""
    rows = Media.objects.filter(pk__in=ids)
    for key in rows.values_list("key", flat=True):
        files.delete(key)
    return rows.update(
        key="", filename="", size=0, sha256="", state=MediaState.FAILED, error=GONE_FILE
    )
