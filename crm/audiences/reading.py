"""Reading an audience that a person or a program gives: checked, and with ids instead of names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from core.errors import FieldError, Invalid
from crm.audiences.registry import Predicate, kinds, predicate_of
from crm.audiences.rules import rows
from crm.audiences.values import BadValue, Text, id_of
from crm.models import Contact
from crm.public_ids import CONTACT

Audience = dict[str, Any]

MAX_CONTACTS = 10_000
MAX_RULES = 30
MAX_ARGUMENT = 60
JOINS = ("all", "any")
RULE_FIELDS = {"kind", "op", "value"}
LISTS = ("include", "exclude")


def validate(audience: Any) -> Audience:
    """The audience as it is kept, with UUIDs.

    Raises:
        core.errors.Invalid: what is wrong, under the field `audience`, or `audience.include.0` for
            the first rule of that list.
    """
    if not isinstance(audience, Mapping):
        raise _wrong("audience_form", _('Say who the audience is, such as {"all": true}.'))
    if set(audience) & set(LISTS):
        return _read_rules(audience)
    named = [form for form in _READERS if form in audience]
    if len(named) != 1:
        message = _("Choose one of: all, tags, contacts, import, segment or include, and only one.")
        raise _wrong("audience_form", message)
    form = named[0]
    _refuse_unknown(audience, {form} | ({"exclude_tags"} if form in ("all", "tags") else set()))
    return _READERS[form](audience)


def _read_rules(audience: Mapping[str, Any]) -> Audience:
    _refuse_unknown(audience, {"join", *LISTS})
    join = audience.get("join", "all")
    if join not in JOINS:
        raise _wrong("audience_form", _("“join” is “all” or “any”."))
    given = {name: _list(audience.get(name) or []) for name in LISTS}
    if not any(given.values()):
        raise _wrong(
            "audience_empty", _('Add at least one rule, or use {"all": true} for everybody.')
        )
    if sum(map(len, given.values())) > MAX_RULES:
        raise _wrong("audience_too_long", _("Use at most 30 rules; save some as an audience."))
    read: Audience = {"join": join, "include": [], "exclude": []}
    errors: dict[str, FieldError] = {}
    for name, rules in given.items():
        for index, raw in enumerate(rules):
            try:
                read[name].append(_read_rule(raw))
            except BadValue as error:
                errors[f"audience.{name}.{index}"] = _located(error.error, name, index, raw)
    if errors:
        raise Invalid(errors)
    return read


def _read_rule(raw: Any) -> dict[str, Any]:
    if (
        not isinstance(raw, Mapping)
        or set(raw) - RULE_FIELDS
        or not isinstance(raw.get("kind"), str)
    ):
        raise BadValue("rule_form", _("A rule has “kind”, “op” and “value”, and nothing else."))
    kind = raw["kind"].strip()
    predicate = predicate_of(kind)
    if predicate is None:
        raise BadValue(
            "rule_kind",
            _("There is no rule of this kind. Use one of: %(kinds)s.")
            % {"kinds": ", ".join(kinds())},
        )
    _check_argument(predicate, kind)
    operator = predicate.operator(str(raw.get("op", "")))
    if operator is None:
        known = ", ".join(item.name for item in predicate.operators)
        raise BadValue("rule_op", _("Choose how to compare: %(ops)s.") % {"ops": known})
    value = operator.value.read(raw.get("value"))
    return {"kind": kind, "op": operator.name, **({} if value is None else {"value": value})}


def _check_argument(predicate: Predicate, kind: str) -> None:
    argument = kind.partition(":")[2]
    if predicate.arguments is None and ":" in kind:
        raise BadValue("rule_kind", _("Nothing may stand behind a colon here."))
    if predicate.arguments is not None and not 0 < len(argument) <= MAX_ARGUMENT:
        raise BadValue("rule_kind", _("Name the field behind a colon, such as “attribute:city”."))
    if not argument.isprintable():
        raise BadValue("rule_kind", _("This field cannot exist. Check its name."))


def _located(error: FieldError, name: str, index: int, raw: Any) -> FieldError:
    """The error with which rule it speaks of."""
    kind = raw.get("kind") if isinstance(raw, Mapping) else None
    predicate = predicate_of(kind) if isinstance(kind, str) else None
    place: Text = _("Rule %(number)d") if name == "include" else _("Exception %(number)d")
    place = str(place) % {"number": index + 1}
    label = f"{place} ({predicate.label})" if predicate else place
    return FieldError(error.code, f"{label}: {error.message}")


def _read_all(audience: Mapping[str, Any]) -> Audience:
    if audience["all"] is not True:
        raise _wrong("audience_form", _("“all” must be true."))
    return {"all": True, **_excluded(audience)}


def _read_tags(audience: Mapping[str, Any]) -> Audience:
    return {"tags": _tag_ids(audience["tags"]), **_excluded(audience)}


def _excluded(audience: Mapping[str, Any]) -> Audience:
    tags = audience.get("exclude_tags")
    return {"exclude_tags": _tag_ids(tags)} if tags else {}


def _tag_ids(values: Any) -> list[str]:
    return _short(rows.TAGS.read, _list(values), empty=_("Choose at least one tag."))


def _read_contacts(audience: Mapping[str, Any]) -> Audience:
    """Named one by one: more than a rule takes, so they are read here."""
    ids = _contact_ids(_list(audience["contacts"]))
    found = Contact.objects.alive().filter(pk__in=ids).count()
    if found != len(ids):
        message = ngettext_lazy(
            "%(count)d contact does not exist or was deleted.",
            "%(count)d contacts do not exist or were deleted.",
            len(ids) - found,
        ) % {"count": len(ids) - found}
        raise _wrong("audience_unknown", message)
    return {"contacts": ids}


def _contact_ids(values: Sequence[Any]) -> list[str]:
    if not values:
        raise _wrong("audience_empty", _("Choose at least one contact."))
    if len(values) > MAX_CONTACTS:
        raise _wrong(
            "audience_too_long", _("List at most 10,000 contacts; use a tag or an import for more.")
        )
    ids = {str(value): id_of(CONTACT, str(value)) for value in values}
    wrong = [text for text, pk in ids.items() if pk is None]
    if wrong:
        raise _wrong("audience_unknown", _("This is not a valid id: %s.") % ", ".join(wrong[:5]))
    return list(dict.fromkeys(str(pk) for pk in ids.values()))


def _read_import(audience: Mapping[str, Any]) -> Audience:
    [pk] = _short(rows.IMPORTS.read, [audience["import"]], empty=_("Choose an import."))
    return {"import": pk}


def _read_segment(audience: Mapping[str, Any]) -> Audience:
    [pk] = _short(rows.SEGMENTS.read, [audience["segment"]], empty=_("Choose a saved audience."))
    return {"segment": pk}


_READERS: dict[str, Callable[[Mapping[str, Any]], Audience]] = {
    "all": _read_all,
    "tags": _read_tags,
    "contacts": _read_contacts,
    "import": _read_import,
    "segment": _read_segment,
}


def _short(read: Callable[[Any], list[str]], values: Sequence[Any], *, empty: Text) -> list[str]:
    """The ids of a short form; PublicId kinds and names are read as in a rule."""
    if not values:
        raise _wrong("audience_empty", empty)
    try:
        return read(list(values))
    except BadValue as error:
        raise Invalid({"audience": error.error}) from None


def _refuse_unknown(audience: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(str(name) for name in set(audience) - known)
    if unknown:
        raise _wrong("audience_form", _("This is not known here: %s.") % ", ".join(unknown))


def _list(values: Any) -> Sequence[Any]:
    if not isinstance(values, list | tuple):
        raise _wrong("audience_form", _("Give a list."))
    return values


def _wrong(code: str, message: Text) -> Invalid:
    return Invalid({"audience": FieldError(code, message)})
