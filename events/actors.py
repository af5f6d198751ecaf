"""Who did it, in words: actors of events are codes (`person:<id>`) until somebody reads them. Apps
above announce what theirs are called (`add_kind`)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from core.ids import uuids_of
from tenants.models import ApiKey, Membership, Person

SYSTEM = "system"
# What stands behind the colon → what it is called; what is left out is called by its code.
Naming = Callable[[Collection[str]], Mapping[str, str]]
_kinds: dict[str, Naming] = {}


def add_kind(code: str, names: Naming) -> None:
    """Have actors of a kind (`<code>:…`) called by name, once, at start-up.

    Raises:
        ValueError: the kind is taken.
    """
    if code in _kinds:
        raise ValueError(f"actors of the kind {code} are named twice")
    _kinds[code] = names


def names_of(actors: Iterable[str]) -> Mapping[str, str]:
    """What to call each of these actors; a query for each kind that is among them, none where only
    the system acted.

    A kind of actor that nobody named is called by its code.
    """
    wanted = set(actors)
    people = _people(_ids(wanted, "person") | _ids(wanted, "superadmin"))
    keys = _keys(_ids(wanted, "api_key"))
    named = {actor: _name(actor, people, keys) for actor in wanted}
    return named | _named_by_others(wanted)


def choices(company_id: UUID) -> list[tuple[str, str]]:
    """Whose events the log can show alone: the system's, each member's, each key's."""
    members = Membership.objects.filter(company=company_id).select_related("person")
    people = [(f"person:{one.person_id}", one.person.get_full_name()) for one in members]
    keys = ApiKey.objects.filter(company=company_id).values_list("pk", "name")
    programs = [(f"api_key:{pk}", _("API key %(name)s") % {"name": name}) for pk, name in keys]
    return [
        (SYSTEM, _("The system")),
        *sorted(people, key=lambda choice: choice[1].casefold()),
        *sorted(programs, key=lambda choice: choice[1].casefold()),
    ]


def _named_by_others(actors: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for code, names in _kinds.items():
        rests = {
            actor: actor.partition(":")[2] for actor in actors if actor.partition(":")[0] == code
        }
        named = names(set(rests.values())) if rests else {}
        found |= {actor: named[rest] for actor, rest in rests.items() if rest in named}
    return found


def _ids(actors: Iterable[str], kind: str) -> set[UUID]:
    prefix = f"{kind}:"
    return set(uuids_of(one.removeprefix(prefix) for one in actors if one.startswith(prefix)))


def _people(pks: set[UUID]) -> Mapping[str, str]:
    found = Person.objects.filter(pk__in=pks) if pks else ()
    return {str(person.pk): person.get_full_name() for person in found}


def _keys(pks: set[UUID]) -> Mapping[str, str]:
    found = ApiKey.objects.filter(pk__in=pks).values_list("pk", "name") if pks else ()
    return {str(pk): name for pk, name in found}


def _name(actor: str, people: Mapping[str, str], keys: Mapping[str, str]) -> str:
    kind, _colon, key = actor.partition(":")
    if kind in (SYSTEM, ""):
        return _("The system")
    if kind == "person":
        return people.get(key) or _("Somebody who has left")
    if kind == "superadmin":
        return _("Support of the platform")
    if kind == "api_key":
        return _("API key %(name)s") % {"name": keys.get(key, key[:8])}
    return actor
