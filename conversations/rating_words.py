"""What is said around a rating: the question, its answers as people write them, and the thanks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connections.models import Connection
from connections.selectors import provider_of
from crm.search import fold
from messaging import bodies
from messaging.bodies import Body
from messaging.enums import MessageKind

BEST = 5
SCORES: Mapping[int, str | Promise] = {
    5: gettext_lazy("Very good"),
    4: gettext_lazy("Good"),
    3: gettext_lazy("Fair"),
    2: gettext_lazy("Bad"),
    1: gettext_lazy("Very bad"),
}
# In Portuguese, English and Spanish, without accents.
_WORDS = {
    1: ("um", "uma", "one", "uno"),
    2: ("dois", "duas", "two", "dos"),
    3: ("tres", "three"),
    4: ("quatro", "four", "cuatro"),
    5: ("cinco", "five"),
}
_BY_WORD = {word: score for score, words in _WORDS.items() for word in words}
_STAR = "⭐"
_KEYCAP = "\N{VARIATION SELECTOR-16}\N{COMBINING ENCLOSING KEYCAP}"


def question(connection: Connection, rating_id: UUID, text: str) -> Body:
    """The question, as a list to tap where the number can send one, else to answer with a number.

    Args:
        text: the company's own words; empty: the usual ones.
    """
    asked = text or usual_question()
    if MessageKind.INTERACTIVE in provider_of(connection).capabilities.kinds:
        options = [(_key(rating_id, score), f"{score} · {word}") for score, word in SCORES.items()]
        return bodies.choices(asked, button=_("Answer"), options=options)
    how = _("Reply with a number from 1 (very bad) to 5 (very good).")
    return bodies.text(f"{asked}\n{how}")


def usual_question() -> str:
    """What is asked where the company has no words of its own."""
    return _("How was our service? Your answer helps us to get better.")


def thanks(*, asks_comment: bool) -> Body:
    """What is answered to a rating."""
    if asks_comment:
        return bodies.text(_("Thank you! Would you like to tell us why? Write it in one message."))
    return bodies.text(_("Thank you for your answer!"))


def score_of(kind: str, content: Mapping[str, Any], rating_id: UUID) -> int | None:
    """The score that an answer gives: by the list of this very question, or by a text that is a
    number from 1 to 5 and nothing else; None for everything else."""
    if kind == MessageKind.INTERACTIVE:
        keys = {_key(rating_id, score): score for score in SCORES}
        return keys.get(str(content.get("id")))
    return _spoken(str(content.get("text") or "")) if kind == MessageKind.TEXT else None


def _spoken(text: str) -> int | None:
    said = text.strip().rstrip(".!").strip()
    stars = said.replace("\N{VARIATION SELECTOR-16}", "")
    if stars and set(stars) == {_STAR} and len(stars) <= BEST:
        return len(stars)
    word = fold(said.removesuffix(_KEYCAP)).strip()
    if len(word) == 1 and word in "12345":
        return int(word)
    return _BY_WORD.get(word)


def _key(rating_id: UUID, score: int) -> str:
    return f"rating:{rating_id.hex}:{score}"
