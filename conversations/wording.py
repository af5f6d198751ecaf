"""The words of messages: what search stores of them, and what it shows around a find."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm.search import fold, lexeme, words
from messaging.enums import MessageKind
from messaging.models import Message
from messaging.plain import text_of

# What nobody wrote, or what is no words: not searched.
WORDLESS = (MessageKind.REACTION, MessageKind.SYSTEM, MessageKind.UNKNOWN, MessageKind.CALL)
MAX_WORDS = 8
MAX_TYPED = 100
# A lexeme may have 2,046 bytes (PostgreSQL manual, "Limitations"); nobody types a longer word.
WORD_LENGTH = 100
BEFORE, AROUND = 30, 120
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an excerpt; `is_hit`: it is what was searched for."""

    text: str
    is_hit: bool = False


def plain(content: Mapping[str, Any]) -> str:
    """Everything in `Message.content` that somebody wrote or reads, one below the other."""
    cards = content.get("contacts") or ()
    parts = [
        text_of(content),
        *(content.get(name) for name in ("caption", "name", "address", "filename")),
        *(card.get("name") for card in cards),
    ]
    return "\n".join(str(part) for part in parts if part)


def is_searched(message: Message) -> bool:
    """Whether search knows a message: written in a conversation, not by a run, and in words."""
    return message.stream_id is None and message.kind not in WORDLESS


def vector(text: str) -> str:
    """The text of a tsvector: each word once, folded."""
    return " ".join(lexeme(word) for word in sorted({word[:WORD_LENGTH] for word in words(text)}))


def query(typed: str) -> str:
    """The tsquery of what somebody typed: each word whole, the last one as far as it is typed;
    empty when there is no word in it."""
    asked = _asked(typed)
    terms = [lexeme(word) for word in asked]
    return " & ".join([*terms[:-1], f"{terms[-1]}:*"]) if terms else ""


def whole_query(typed: str) -> str:
    """The same without the last word, which may be half typed."""
    return " & ".join(lexeme(word) for word in _asked(typed)[:-1])


def excerpt(text: str, typed: str) -> list[Piece]:
    """The surroundings of the first find in a text, as pieces in their order."""
    asked = _asked(typed)
    hits = [match.span() for match in _WORD.finditer(text) if _is_hit(match.group(), asked)]
    first = hits[0][0] if hits else 0
    start = _word_start(text, max(0, first - BEFORE))
    end = min(len(text), start + AROUND)
    pieces, at = [Piece("…")] if start else [], start
    for begin, stop in hits:
        if begin >= end:
            break
        pieces += [Piece(text[at:begin]), Piece(text[begin:stop], is_hit=True)]
        at = stop
    pieces.append(Piece(text[at:end] + ("…" if max(at, end) < len(text) else "")))
    return [piece for piece in pieces if piece.text]


def _asked(typed: str) -> list[str]:
    return [word[:WORD_LENGTH] for word in words(typed[:MAX_TYPED])[:MAX_WORDS]]


def _is_hit(word: str, asked: list[str]) -> bool:
    if not asked:
        return False
    folded = fold(word)
    return folded in asked[:-1] or folded.startswith(asked[-1])


def _word_start(text: str, at: int) -> int:
    """The next beginning of a word, so that an excerpt does not begin inside one."""
    if at == 0:
        return 0
    space = text.find(" ", at)
    return space + 1 if 0 <= space < at + BEFORE else at
