"""What the columns of a file mean: guessed from titles in Portuguese and English, then checked.

A target is `name`, `first_name`, `last_name`, `phone`, `email`, `external_id`, `tags`, `language`,
`consent` (whether they agreed to marketing by WhatsApp and SMS: yes or no), `attribute:<key>` for a
field of the contact, or empty for a column that is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import FieldError, Invalid
from crm import phones
from crm.enums import MatchBy
from crm.field_kinds import BadField, says_yes
from crm.imports.reasons import FILE_REASONS
from crm.models import FieldDefinition
from crm.search import fold

ATTRIBUTE = "attribute:"
ATTRIBUTE_KEY_LENGTH = 60
LABEL_LENGTH = 80  # of a field
CONSENT = "consent"
IGNORE = ""
TARGETS: dict[str, str | Promise] = {
    "name": _("Name"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "external_id": _("External id"),
    "tags": _("Tags"),
    "language": _("Language"),
    CONSENT: _("Consent (yes/no)"),
}
_TITLES: dict[str, str] = {
    "name": "nome|nome completo|name|full name|cliente|contato|contact|contact name|nome do cliente"
    "|nome do contato|customer|razao social",
    "first_name": "primeiro nome|first name|given name|prenome",
    "last_name": "sobrenome|ultimo nome|last name|surname|family name",
    "phone": "telefone|celular|fone|tel|phone|phone number|mobile|mobile phone|cell|whatsapp|whats"
    "|zap|numero|numero de telefone|numero do whatsapp|telefone celular|phone 1 value|telefone 1"
    "|whatsapp number|number|contato whatsapp|msisdn",
    "email": "email|e mail|mail|correio eletronico|endereco de email|email address|e mail 1 value",
    "external_id": "id|codigo|cod|id externo|external id|codigo do cliente|customer id|id cliente",
    "tags": "tags|tag|etiqueta|etiquetas|marcadores|marcador|labels|label|grupo|grupos",
    "language": "idioma|language|lingua|locale",
    CONSENT: "aceita|aceite|aceitou|aceita mensagem|aceita mensagens|aceita receber mensagens"
    "|aceita ofertas|aceita receber ofertas|aceita promocoes|aceita marketing|aceita whatsapp"
    "|autoriza|autoriza mensagens|autoriza contato|consentimento|consentiu|consent|opt in|optin"
    "|marketing consent|accepts marketing|accepts messages",
}
_TARGET_OF = {title: target for target, titles in _TITLES.items() for title in titles.split("|")}


def guess(
    header: Sequence[str],
    sample: Sequence[Sequence[str]],
    fields: Mapping[str, FieldDefinition] | None = None,
) -> dict[str, str]:
    """A mapping for these titles; the phone column is found by its numbers if by no title. A title
    that speaks of consent is believed where most cells below say yes or no.

    Args:
        fields: the company's own, by key; a title that is the name of one means it.
    """
    own = {_key(row.label): f"{ATTRIBUTE}{key}" for key, row in (fields or {}).items()}
    mapping: dict[str, str] = {}
    used: set[str] = set()
    for column, title in enumerate(header):
        target = own.get(_key(title)) or _TARGET_OF.get(_key(title), "")
        if target == CONSENT and not _says_yes_or_no(column, sample):
            target = ""
        if not target or target in used:
            target = _attribute(title, used)
        used.add(target)
        mapping[str(column)] = target
    if "phone" not in used:
        found = _phone_column(len(header), sample)
        if found is not None:
            mapping[str(found)] = "phone"
    return mapping


def check(mapping: Any, header: Sequence[str], match_by: str = MatchBy.PHONE) -> dict[str, str]:
    """A mapping as it is kept, by column index.

    Args:
        mapping: target by column index or by title.
        match_by: the target that contacts are found by.

    Raises:
        core.errors.Invalid: under `mapping`: no such column or target, two columns for one
            target, or none for what contacts are found by; under `match_by`: unknown.
    """
    if match_by not in MatchBy.values:
        known = ", ".join(MatchBy.values)
        message = _("Contacts can be found by one of these: %(known)s.") % {"known": known}
        raise Invalid({"match_by": FieldError("match_by", message)})
    if not isinstance(mapping, Mapping):
        raise _wrong("mapping_form", _('Give an object such as {"Nome": "name"}.'))
    by_title = {title: str(column) for column, title in reversed(list(enumerate(header)))}
    kept = {str(column): IGNORE for column in range(len(header))}
    for column, target in mapping.items():
        index = str(column) if str(column) in kept else by_title.get(str(column))
        if index is None:
            raise _wrong("mapping_column", _("The file has no column %s.") % column)
        kept[index] = _checked(target)
    targets = [target for target in kept.values() if target]
    repeated = sorted({target for target in targets if targets.count(target) > 1})
    if repeated:
        raise _wrong("mapping_twice", _("Two columns are both %s.") % label(repeated[0]))
    if match_by not in targets:
        code = f"mapping_no_{match_by}"
        raise _wrong(code, FILE_REASONS[code])
    return kept


def titles_of_keys(header: Sequence[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """The titles of columns that are fields by a key made from just that title, where the two are
    not the same word: `aceita_mensagens` → “Aceita mensagens”."""
    found = {}
    for index, target in mapping.items():
        key, title = target.removeprefix(ATTRIBUTE), " ".join(header[int(index)].split())
        if target == _attribute(title, set()) and key != title.lower():
            found[key] = title[:LABEL_LENGTH]
    return found


def label(target: str) -> str:
    """How people call a target."""
    return str(TARGETS.get(target, target.removeprefix(ATTRIBUTE)))


def read_json(text: str) -> Any:
    """The mapping of an API call, which arrives as JSON in a form field.

    Raises:
        core.errors.Invalid: it is no JSON.
    """
    try:
        return json.loads(text)
    except ValueError:
        raise _wrong("mapping_form", _("This is not valid JSON.")) from None


def _checked(target: Any) -> str:
    text = str(target or "").strip()
    if text in TARGETS or not text:
        return text
    key = text.removeprefix(ATTRIBUTE).strip()
    if not text.startswith(ATTRIBUTE) or not key or len(key) > ATTRIBUTE_KEY_LENGTH:
        known = ", ".join([*TARGETS, f"{ATTRIBUTE}…"])
        raise _wrong(
            "mapping_target",
            _("A column cannot be %(target)s. Use one of: %(known)s.")
            % {"target": text, "known": known},
        )
    return ATTRIBUTE + key


def _key(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", fold(title)).strip()


def _attribute(title: str, used: set[str]) -> str:
    key = _key(title).replace(" ", "_")[:ATTRIBUTE_KEY_LENGTH]
    if not key or key.isdecimal() or f"{ATTRIBUTE}{key}" in used:
        return IGNORE
    return ATTRIBUTE + key


def _phone_column(width: int, sample: Sequence[Sequence[str]]) -> int | None:
    """The column where most cells are phone numbers."""
    scores = [
        sum(_is_phone(cells[column]) for cells in sample if column < len(cells))
        for column in range(width)
    ]
    best = max(range(width), key=lambda column: scores[column], default=0)
    if not sample or not width or scores[best] * 2 <= len(sample):
        return None
    return best


def _says_yes_or_no(column: int, sample: Sequence[Sequence[str]]) -> bool:
    """Whether most of the cells in the column that say anything do."""
    cells = [cells[column].strip() for cells in sample if column < len(cells)]
    told = [cell for cell in cells if cell]
    return sum(map(_is_yes_or_no, told)) * 2 >= len(told)


def _is_yes_or_no(cell: str) -> bool:
    try:
        says_yes(cell)
    except BadField:
        return False
    return True


def _is_phone(cell: str) -> bool:
    try:
        phones.parse(cell)
    except phones.BadPhone:
        return False
    return True


def _wrong(code: str, message: Any) -> Invalid:
    return Invalid({"mapping": FieldError(code, message)})
