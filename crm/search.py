"""Finding contacts by any word's beginning, without accents, or by the last digits of a phone.

The embedded PostgreSQL has neither unaccent nor trigrams, so the words are folded
here. `Contact.search` holds: the words of the name, the e-mail and its parts, and for each phone
its digits whole, without country code and without area code, and once more backwards behind an
`r` (`r1234…`): a prefix of the reversed digits is the end of the number.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.contrib.postgres.search import SearchVectorField
from django.db.models import BooleanField, F, Func, Value

from crm.enums import IdentityKind
from crm.models import Contact, Identity

MAX_WORDS = 8
BATCH = 2000
MAX_LENGTH = 100
MIN_LAST_DIGITS = 3
_PHONE_LIKE = re.compile(r"[\d\s()+.\-]+")
_PHONE_KINDS = (IdentityKind.PHONE, IdentityKind.WA_ID)


def fold(text: str) -> str:
    """Lower case without accents: `São João` → `sao joao`."""
    decomposed = unicodedata.normalize("NFKD", text.replace("\x00", ""))
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()


def vector(name: str, identities: Iterable[tuple[str, str]]) -> str:
    """The text of a tsvector for a contact.

    Args:
        identities: pairs of kind and value.
    """
    tokens = set(words(name))
    for kind, value in identities:
        if kind in _PHONE_KINDS:
            tokens.update(_phone_tokens(value))
        else:
            tokens.add(fold(value)[:200])
            tokens.update(words(value))
    return " ".join(lexeme(token) for token in sorted(tokens) if token)


def refresh(contact: Contact) -> None:
    """Write a contact's search column anew from its rows."""
    known = Identity.objects.held().filter(contact=contact).values_list("kind", "value")
    Contact.objects.filter(pk=contact.pk).update(
        search=Value(vector(contact.name, known), output_field=SearchVectorField())
    )


def refresh_all(contacts: Iterable[Contact]) -> None:
    """`refresh` of many, in two statements."""
    by_id = {contact.pk: contact for contact in contacts}
    if not by_id:
        return
    held: dict[UUID, list[tuple[str, str]]] = defaultdict(list)
    rows = Identity.objects.held().filter(contact_id__in=by_id)
    for contact_id, kind, value in rows.values_list("contact_id", "kind", "value"):
        held[contact_id].append((kind, value))
    for pk, contact in by_id.items():
        contact.search = vector(contact.name, held[pk])
    Contact.objects.bulk_update(by_id.values(), ["search"], batch_size=BATCH)


def matches(text: str) -> Func | None:
    """The condition `filter(matches(q))` for what somebody typed; None when it says nothing."""
    query = typed_query(text)
    return matching(query) if query else None


def typed_query(text: str) -> str:
    """The tsquery of what somebody typed; empty when it says nothing."""
    return _query(fold(text[:MAX_LENGTH]).strip())


def matching(query: str) -> Func:
    """The condition that a row's column `search` matches a tsquery made of `lexeme`s."""
    return _Matches(F("search"), _TsQuery(Value(query)), output_field=BooleanField())


def matching_unindexed(query: str) -> Func:
    """The same, for rows that something else finds: the index of words is not asked."""
    column = Func(F("search"), function="strip", output_field=SearchVectorField())
    return _Matches(column, _TsQuery(Value(query)), output_field=BooleanField())


def words(text: str) -> list[str]:
    """The words of a text, folded, in their order; punctuation and underscores part them."""
    return re.findall(r"[^\W_]+", fold(text))


def lexeme(token: str) -> str:
    """A token as tsvector and tsquery read it, whatever it contains."""
    escaped = token.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


class _TsQuery(Func):
    template = "%(expressions)s::tsquery"


class _Matches(Func):
    template = "(%(expressions)s)"
    arg_joiner = " @@ "


def _query(folded: str) -> str:
    if _PHONE_LIKE.fullmatch(folded):
        return _digits_query(re.sub(r"\D", "", folded))
    if "@" in folded:
        return f"{lexeme(folded)}:*"
    terms = [
        _digits_query(word) if word.isdecimal() else f"{lexeme(word)}:*"
        for word in words(folded)[:MAX_WORDS]
    ]
    return " & ".join(terms)


def _digits_query(digits: str) -> str:
    digits = digits.lstrip("0")
    if not digits:
        return ""
    starts = f"{lexeme(digits)}:*"
    if len(digits) < MIN_LAST_DIGITS:
        return starts
    return f"({starts} | {lexeme('r' + digits[::-1])}:*)"


def _phone_tokens(value: str) -> set[str]:
    digits = re.sub(r"\D", "", value)
    tokens = {digits, f"r{digits[::-1]}"}
    if digits.startswith("55"):
        tokens |= {digits[2:], digits[4:]}
    return tokens
