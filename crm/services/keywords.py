"""Words that end marketing, and those that resume it: a message that is nothing but one of them.

The words are those that providers and laws expect (Meta's and Twilio's opt-out keywords, in
Portuguese, English and Spanish) and those that a company adds. Case, accents, punctuation and emoji
do not count; anything else around the word makes it an ordinary message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core import cache
from core.errors import Invalid
from crm.enums import ConsentAction
from crm.models import KeywordPolicy
from crm.search import fold
from team.models import Member

STOP = frozenset(
    {
        "parar", "pare", "sair", "cancelar", "descadastrar", "remover",
        "nao quero receber", "parar promocoes",
        "stop", "stopall", "stop all", "unsubscribe", "end", "quit", "cancel", "optout", "opt out",
        "revoke", "stop promotions",
        "baja", "detener", "alto", "no quiero recibir", "detener promociones",
    }
)  # fmt: skip
START = frozenset({"iniciar", "voltar", "start", "unstop", "alta", "quero receber", "reanudar"})
# The words that our own sentences name, by language: one that resumes, one that stops.
_SHOWN = {"pt": ("VOLTAR", "PARAR"), "es": ("ALTA", "BAJA")}
# Longer texts are never a keyword, so that most messages cost nothing.
MAX_WORD = 40
MAX_WORDS = 50
MAX_TEXT = 1000
STANDARD = "standard"  # the version of our own sentences, with their language behind it


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word that somebody wrote, and what they mean by it.

    Attributes:
        word: upper case without accents, as the ledger names it.
    """

    action: ConsentAction
    word: str

    @property
    def source(self) -> str:
        """What the ledger names as the source."""
        return f"keyword {self.word}"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What is answered, and which edition of the text that is."""

    text: str
    version: str


class _Words(NamedTuple):
    stop: frozenset[str]
    start: frozenset[str]


def match(text: str) -> Keyword | None:
    """The keyword that a message consists of; None for every other message."""
    word = normalise(text)
    if not word:
        return None
    words = cache.remember(_key(), cache.LONG, _words, believed=cache.BELIEVED)
    for action, known in ((ConsentAction.OPT_OUT, words.stop), (ConsentAction.OPT_IN, words.start)):
        if word in known:
            return Keyword(action, word.upper())
    return None


def normalise(text: str) -> str:
    """Letters and digits alone, folded: ` Parar!! 🙏` → `parar`; empty when it is too long."""
    if len(text) > 3 * MAX_WORD:
        return ""
    word = " ".join(re.findall(r"[^\W_]+", fold(text)))
    return word if len(word) <= MAX_WORD else ""


def policy() -> KeywordPolicy:
    """What the company has set; the defaults while nobody changed anything."""
    return KeywordPolicy.objects.first() or KeywordPolicy()


def confirmation(action: str) -> Confirmation | None:
    """What is answered to a keyword, in the language that is active; None when nothing is."""
    stored = policy()
    if not stored.confirms:
        return None
    own = stored.stop_text if action == ConsentAction.OPT_OUT else stored.start_text
    if own:
        return Confirmation(own, f"v{stored.version}")
    return Confirmation(standard_text(action), f"{STANDARD}-{get_language()}")


def standard_text(action: str) -> str:
    """Our own sentence, in the language that is active."""
    back, out = _SHOWN.get((get_language() or "")[:2], ("START", "STOP"))
    if action == ConsentAction.OPT_OUT:
        return _("You will get no more offers from us. To get them again, answer %(word)s.") % {
            "word": back
        }
    return _("You will get our offers again. To stop them, answer %(word)s.") % {"word": out}


def update_policy(
    *,
    stop_words: Iterable[str],
    start_words: Iterable[str],
    confirms: bool,
    stop_text: str,
    start_text: str,
    by: Member | None = None,
) -> KeywordPolicy:
    """Set the company's own words and answers; a changed answer is a new version.

    Args:
        stop_words: besides `STOP`, as people write them.
        stop_text: empty for our own sentence.

    Raises:
        core.errors.Invalid: under the field that does not fit.
    """
    stop, start = _own("stop_words", stop_words, STOP), _own("start_words", start_words, START)
    _refuse_both_meanings(stop, start)
    texts = {
        "stop_text": _text("stop_text", stop_text),
        "start_text": _text("start_text", start_text),
    }
    with transaction.atomic():
        KeywordPolicy.objects.bulk_create([KeywordPolicy()], ignore_conflicts=True)
        stored = KeywordPolicy.objects.select_for_update().get()
        if texts != {name: getattr(stored, name) for name in texts}:
            stored.version += 1
        stored.stop_words, stored.start_words = stop, start
        stored.confirms, stored.updated_by = confirms, by
        stored.stop_text, stored.start_text = texts["stop_text"], texts["start_text"]
        stored.save()
        key = _key()
        transaction.on_commit(lambda: cache.forget(key))
    return stored


def _own(field: str, words: Iterable[str], known: frozenset[str]) -> list[str]:
    """The company's words as they are compared, without those that everybody has."""
    own: dict[str, None] = {}
    for text in words:
        word = normalise(text)
        if text.strip() and not word:
            raise Invalid({field: _("A word has letters or digits, and at most 40 of them.")})
        if word and word not in known:
            own[word] = None
    if len(own) > MAX_WORDS:
        raise Invalid({field: _("Use at most 50 words.")})
    return list(own)


def _refuse_both_meanings(stop: list[str], start: list[str]) -> None:
    twice = sorted(set(start) & (STOP | set(stop)))
    if twice:
        message = _("This word stops already: %(words)s.") % {"words": ", ".join(twice)}
        raise Invalid({"start_words": message})
    other = sorted(set(stop) & START)
    if other:
        message = _("This word resumes already: %(words)s.") % {"words": ", ".join(other)}
        raise Invalid({"stop_words": message})


def _text(field: str, text: str) -> str:
    text = text.replace("\x00", "").strip()
    if len(text) > MAX_TEXT:
        raise Invalid({field: _("This is too long: at most 1,000 characters.")})
    return text


def _key() -> cache.CacheKey:
    return cache.company_key("crm.keywords")


def _words() -> _Words:
    stored = policy()
    return _Words(STOP | set(stored.stop_words), START | set(stored.start_words))
