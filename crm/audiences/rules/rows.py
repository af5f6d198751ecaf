"""Rules about what a contact belongs to: tags, imports, saved audiences, itself."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from crm.audiences.registry import (
    Context,
    Operator,
    Predicate,
    Rule,
    Unresolvable,
    opposite,
    register,
)
from crm.audiences.values import Rows
from crm.enums import ImportState
from crm.models import (
    Contact,
    ContactList,
    ContactTag,
    Import,
    ImportRow,
    ListMember,
    Segment,
    Tag,
)
from crm.public_ids import CONTACT, IMPORT, LIST, SEGMENT, TAG
from crm.services.tags import key_of

OF_CONTACT = OuterRef("pk")


def _tags_named(texts: Sequence[str]) -> dict[str, UUID]:
    by_key = dict(Tag.objects.filter(key__in=map(key_of, texts)).values_list("key", "pk"))
    return {text: by_key[key_of(text)] for text in texts if key_of(text) in by_key}


TAGS = Rows(Tag.objects.all, TAG, named=_tags_named)
IMPORTS = Rows(
    lambda: Import.objects.of_contacts().order_by("-created_at"),
    IMPORT,
    label="filename",
    offered=Q(state=ImportState.DONE),
)
LISTS = Rows(ContactList.objects.all, LIST)
SEGMENTS = Rows(Segment.objects.all, SEGMENT)
CONTACTS = Rows(Contact.objects.alive, CONTACT)


def _must_be_there(model: type[Tag | Import | ContactList], ids: Sequence[str]) -> None:
    """Raises Unresolvable when one of them is gone: whom it kept out would be let through."""
    if model._default_manager.filter(pk__in=ids).count() < len(ids):
        raise Unresolvable(model.__name__)


def _any_tag(rule: Rule, context: Context) -> Q:
    _must_be_there(Tag, rule.value)
    return Q(Exists(ContactTag.objects.filter(contact=OF_CONTACT, tag_id__in=rule.value)))


def _all_tags(rule: Rule, context: Context) -> Q:
    _must_be_there(Tag, rule.value)
    condition = Q()
    for tag_id in rule.value:
        condition &= Q(Exists(ContactTag.objects.filter(contact=OF_CONTACT, tag_id=tag_id)))
    return condition


def _listed(rule: Rule, context: Context) -> Q:
    _must_be_there(ContactList, rule.value)
    return Q(Exists(ListMember.objects.filter(contact=OF_CONTACT, list_id__in=rule.value)))


def _imported(rule: Rule, context: Context) -> Q:
    _must_be_there(Import, rule.value)
    return Q(Exists(ImportRow.objects.filter(contact=OF_CONTACT, batch_id__in=rule.value)))


def _chosen(rule: Rule, context: Context) -> Q:
    return Q(pk__in=rule.value)


def register_all() -> None:
    """Announce these rules."""
    any_tag = Operator("any_of", _("has any of"), TAGS, _any_tag)
    register(
        Predicate(
            "tag",
            _("Tag"),
            (
                any_tag,
                Operator("all_of", _("has all of"), TAGS, _all_tags),
                opposite(any_tag, "none_of", _("has none of")),
            ),
            order=10,
        )
    )
    listed = Operator("any_of", _("is on one of"), LISTS, _listed)
    register(
        Predicate(
            "list",
            _("List"),
            (listed, opposite(listed, "none_of", _("is on none of"))),
            order=20,
        )
    )
    imported = Operator("any_of", _("is one of"), IMPORTS, _imported)
    register(
        Predicate(
            "import",
            _("Imported file"),
            (imported, opposite(imported, "none_of", _("is none of"))),
            order=30,
        )
    )
    chosen = Operator("any_of", _("is one of"), CONTACTS, _chosen)
    register(
        Predicate(
            "contact",
            _("Contact"),
            (chosen, opposite(chosen, "none_of", _("is none of"))),
            is_listed=False,
        )
    )
