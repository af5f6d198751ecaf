"""A conversation to read on paper or to keep: who said what and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from conversations import wording
from conversations.lines import Line, lines, name_of
from conversations.models import Conversation
from conversations.selectors import thread_messages
from core.ui.formatting import phone
from messaging.enums import Direction, MessageKind, PublicState
from messaging.models import Message

MOST = 5_000  # the newest; a longer one is a matter for the API's pages
_UNSENT = (PublicState.FAILED, PublicState.SKIPPED, PublicState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Entry:
    """One message as a transcript has it.

    Attributes:
        kind: what it is where it is no plain text: "Image", "Private note".
        state: in words, where ours never reached the customer.
        is_internal: the team's own: a note, or what it did with the conversation.
    """

    at: datetime
    who: str
    kind: str
    words: str
    state: str
    reactions: Sequence[str]
    is_internal: bool


@dataclass(frozen=True, slots=True)
class Transcript:
    """The entries, oldest first; `is_cut`: there are older ones."""

    name: str
    address: str
    number: str
    entries: Sequence[Entry]
    is_cut: bool


def of(conversation: Conversation, *, with_notes: bool = False) -> Transcript:
    """The transcript; what the team wrote to itself only when it is asked for."""
    rows = thread_messages(conversation).exclude(kind=MessageKind.REACTION, reply_to__isnull=False)
    if not with_notes:
        rows = rows.exclude(direction=Direction.INTERNAL)
    newest = list(rows.order_by("-at", "-pk")[: MOST + 1])
    shown = lines(newest[MOST - 1 :: -1] if len(newest) > MOST else newest[::-1], conversation)
    return Transcript(
        name=name_of(conversation),
        address=phone(conversation.thread.address),
        number=conversation.thread.connection.name,
        entries=[_entry(line, conversation) for line in shown],
        is_cut=len(newest) > MOST,
    )


def as_text(transcript: Transcript) -> str:
    """As a text file: a head, then one paragraph a message."""
    return "\n\n".join([_head(transcript), *map(_paragraph, transcript.entries)]) + "\n"


def _entry(line: Line, conversation: Conversation) -> Entry:
    message = line.message
    is_internal = message.direction == Direction.INTERNAL
    return Entry(
        at=message.at,
        who=line.sender or name_of(conversation),
        kind="" if message.kind == MessageKind.TEXT else str(message.get_kind_display()),
        words=line.text or wording.plain(message.content) or _filename(message),
        state=str(PublicState(line.state).label) if line.state in _UNSENT else "",
        reactions=line.reactions,
        is_internal=is_internal,
    )


def _filename(message: Message) -> str:
    """A document's own; what we called a picture or a voice note says nothing."""
    is_named = message.kind == MessageKind.DOCUMENT and message.media is not None
    return message.media.filename if is_named and message.media else ""


def _head(transcript: Transcript) -> str:
    title = _("Conversation with %(name)s (%(address)s) at %(number)s") % {
        "name": transcript.name,
        "address": transcript.address,
        "number": transcript.number,
    }
    parts = [title, _("Times: %(zone)s") % {"zone": timezone.get_current_timezone_name()}]
    if transcript.is_cut:
        parts.append(_("Older messages are left out."))
    return "\n".join(parts)


def _paragraph(entry: Entry) -> str:
    at = date_format(timezone.localtime(entry.at), "SHORT_DATETIME_FORMAT")
    marks = "".join(f" [{mark}]" for mark in _marks(entry))
    return f"{at} · {entry.who}{marks}:\n{entry.words}".rstrip()


def _marks(entry: Entry) -> Iterator[str]:
    yield from filter(None, (entry.kind, entry.state))
    yield from entry.reactions
