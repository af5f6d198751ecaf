"""Steps that change the contact: tags, fields, lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.audiences.rules.rows import LISTS, TAGS
from crm.audiences.values import Choice, Option
from crm.models import ContactList, Tag
from crm.selectors import attribute_labels
from crm.services import contacts, lists
from crm.services.contacts import Changes
from webhooks.automations import placeholders
from webhooks.automations.enums import Outcome
from webhooks.automations.registry import Action, Doing, Done, Params, add_action, refused
from webhooks.automations.scene import Scene
from webhooks.automations.values import Field, Line

NAME, LANGUAGE = "name", "language"


def register_all() -> None:
    """Announce these actions."""
    _register_tags()
    _register_rest()


def _register_tags() -> None:
    tags = (Field("tags", _("Tags"), TAGS),)
    add_action(
        Action(
            "add_tag",
            _("Add tags"),
            "tag",
            "contact",
            lambda params: (
                gettext("Add the tags: %(tags)s") % {"tags": _named(TAGS, params, "tags")}
            ),
            _tag,
            lambda scene, params: _change(_new(scene.tags, params["tags"]), "tags"),
            tags,
            order=20,
        )
    )
    add_action(
        Action(
            "remove_tag",
            _("Take tags off"),
            "tag-off",
            "contact",
            lambda params: (
                gettext("Take off the tags: %(tags)s") % {"tags": _named(TAGS, params, "tags")}
            ),
            _untag,
            lambda scene, params: _change(_old(scene.tags, params["tags"]), "tags"),
            tags,
            order=21,
        )
    )


def _register_rest() -> None:
    add_action(
        Action(
            "set_field",
            _("Set a field"),
            "pencil",
            "contact",
            lambda params: (
                gettext("Set “%(field)s” to “%(value)s”")
                % {"field": _label(params.get("field")), "value": params.get("value", "…")}
            ),
            _set,
            _foresee_set,
            (
                Field("field", _("Field"), Choice(_fields)),
                Field("value", _("Value"), Line(1000)),
            ),
            order=22,
        )
    )
    add_action(
        Action(
            "add_to_list",
            _("Add to a list"),
            "list-plus",
            "contact",
            lambda params: (
                gettext("Add to the lists: %(lists)s") % {"lists": _named(LISTS, params, "lists")}
            ),
            _enlist,
            lambda scene, params: _change(_new(scene.lists, params["lists"]), "lists"),
            (Field("lists", _("Lists"), LISTS),),
            order=23,
        )
    )


def _named(rows: Any, params: Params, name: str) -> str:
    return rows.words(params[name]) if params.get(name) else "…"


def _new(held: set[UUID], wanted: list[str]) -> list[str]:
    return [pk for pk in wanted if UUID(pk) not in held]


def _old(held: set[UUID], wanted: list[str]) -> list[str]:
    return [pk for pk in wanted if UUID(pk) in held]


def _change(ids: list[str], name: str) -> Done:
    return Done(Outcome.DONE if ids else Outcome.NOTHING, "", {name: ids})


def _tag(scene: Scene, params: Params, doing: Doing) -> Done:
    new = _new(scene.tags, params["tags"])
    names = list(Tag.objects.filter(pk__in=new).values_list("name", flat=True))
    if new and not names:
        return refused("tag_gone")
    return _applied(
        lambda ids: contacts.tag(contact_ids=ids, tags=names, actor=doing.actor), scene, new, "tags"
    )


def _untag(scene: Scene, params: Params, doing: Doing) -> Done:
    old = _old(scene.tags, params["tags"])
    tag_ids = [UUID(pk) for pk in old]
    return _applied(
        lambda ids: contacts.untag(contact_ids=ids, tag_ids=tag_ids, actor=doing.actor),
        scene,
        old,
        "tags",
    )


def _enlist(scene: Scene, params: Params, doing: Doing) -> Done:
    new = _new(scene.lists, params["lists"])
    found = list(ContactList.objects.filter(pk__in=new))
    if new and not found:
        return refused("list_gone")

    def add(ids: list[UUID]) -> None:
        for one in found:
            lists.add_contacts(contact_list=one, contact_ids=ids, actor=doing.actor)

    return _applied(add, scene, new, "lists")


def _applied(
    apply: Callable[[list[UUID]], object], scene: Scene, ids: list[str], name: str
) -> Done:
    if ids and scene.contact_id is not None:
        apply([scene.contact_id])
        scene.__dict__.pop(name, None)  # what it saw before is not so any more
    return _change(ids, name)


def _fields() -> Iterator[Option]:
    yield Option(NAME, _("Name"))
    yield Option(LANGUAGE, _("Language"))
    for key, label in attribute_labels().items():
        yield Option(f"attribute.{key}", label)


def _label(field: Any) -> str:
    return next((str(one.label) for one in _fields() if one.value == field), str(field or "…"))


def _set(scene: Scene, params: Params, doing: Doing) -> Done:
    value, missing = placeholders.fill(str(params["value"]), scene.value_of)
    if missing:
        return refused("value_missing", names=missing)
    if scene.contact is None:
        return refused("no_contact")
    field = str(params["field"])
    changes: Changes = (
        {"attributes": {field.removeprefix("attribute."): value}}
        if field.startswith("attribute.")
        else {field: value}  # type: ignore[misc]
    )
    before = scene.attribute(field)
    contacts.update_contact(contact=scene.contact, changes=changes, actor=doing.actor)
    scene.__dict__.pop("contact", None)
    return _set_said(field, before, value)


def _foresee_set(scene: Scene, params: Params) -> Done:
    value, missing = placeholders.fill(str(params["value"]), scene.value_of)
    if missing:
        return refused("value_missing", names=missing)
    return _set_said(str(params["field"]), scene.attribute(str(params["field"])), value)


def _set_said(field: str, before: str, value: str) -> Done:
    outcome = Outcome.NOTHING if before == value else Outcome.DONE
    return Done(outcome, "", {"field": field, "value": value[:200]})
