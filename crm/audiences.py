"""Who a campaign is for, as data: kept in the campaign, turned into contacts when it prepares.

The forms: `{"all": true}`, `{"tags": […], "exclude_tags": […]}`, `{"contacts": […]}`,
`{"import": id}`. People and programs may name tags by name or id and use public ids; what is kept
has UUIDs (as text) only. Tags widen: a contact with any of `tags` is in, one with any of
`exclude_tags` is out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from core.errors import FieldError, Invalid, InvalidId
from core.ids import PublicId, uuid_of
from crm.models import Contact, ContactTag, Import, ImportRow, Tag
from crm.public_ids import CONTACT, IMPORT, TAG
from crm.querysets import ContactQuerySet
from crm.services.tags import key_of

Audience = dict[str, Any]

MAX_CONTACTS = 10_000
FORMS = ("all", "tags", "contacts", "import")


def validate(audience: Any) -> Audience:
    """The audience as it is kept, with UUIDs.

    Raises:
        core.errors.Invalid: what is wrong, under the field `audience`.
    """
    if not isinstance(audience, Mapping):
        raise _wrong("audience_form", _('Say who the audience is, such as {"all": true}.'))
    named = [form for form in FORMS if form in audience]
    if len(named) != 1:
        raise _wrong(
            "audience_form", _("Choose one of: all, tags, contacts or import, and only one.")
        )
    form = named[0]
    unknown = set(audience) - {form} - ({"exclude_tags"} if form in ("all", "tags") else set())
    if unknown:
        raise _wrong("audience_form", _("This is not known here: %s.") % ", ".join(sorted(unknown)))
    return _READERS[form](audience)


def select(audience: Audience) -> ContactQuerySet:
    """The living contacts of an audience as it is kept, without repeats and in no order."""
    contacts = _chosen(audience)
    excluded = audience.get("exclude_tags") or []
    if excluded:
        marks = ContactTag.objects.filter(tag_id__in=excluded)
        contacts = contacts.exclude(pk__in=marks.values("contact_id"))
    return contacts


def count(audience: Audience) -> int:
    """How many contacts are in it now."""
    return select(audience).count()


def batches(
    audience: Audience, *, size: int = 1000, after: UUID | None = None
) -> Iterator[list[UUID]]:
    """The ids of an audience in order, in lists of at most `size`, from behind `after`."""
    while batch := next_ids(audience, size=size, after=after):
        yield batch
        after = batch[-1]


def next_ids(audience: Audience, *, size: int, after: UUID | None = None) -> list[UUID]:
    """The next ids behind `after`: for work that goes on where it stopped."""
    contacts = select(audience)
    if after is not None:
        contacts = contacts.filter(pk__gt=after)
    return list(contacts.order_by("pk").values_list("pk", flat=True)[:size])


def _chosen(audience: Audience) -> ContactQuerySet:
    contacts = Contact.objects.alive()
    if audience.get("all"):
        return contacts
    if "tags" in audience:
        marks = ContactTag.objects.filter(tag_id__in=audience["tags"])
        return contacts.filter(pk__in=marks.values("contact_id"))
    if "import" in audience:
        rows = ImportRow.objects.filter(batch_id=audience["import"], contact__isnull=False)
        return contacts.filter(pk__in=rows.values("contact_id"))
    return contacts.filter(pk__in=audience["contacts"])


def _read_all(audience: Mapping[str, Any]) -> Audience:
    if audience["all"] is not True:
        raise _wrong("audience_form", _("“all” must be true."))
    return {"all": True, **_excluded(audience)}


def _read_tags(audience: Mapping[str, Any]) -> Audience:
    tags = _tag_ids(audience["tags"])
    if not tags:
        raise _wrong("audience_empty", _("Choose at least one tag."))
    return {"tags": tags, **_excluded(audience)}


def _read_contacts(audience: Mapping[str, Any]) -> Audience:
    ids = _uuids(CONTACT, audience["contacts"])
    if not ids:
        raise _wrong("audience_empty", _("Choose at least one contact."))
    if len(ids) > MAX_CONTACTS:
        raise _wrong(
            "audience_too_long", _("List at most 10,000 contacts; use a tag or an import for more.")
        )
    found = Contact.objects.alive().filter(pk__in=ids).count()
    if found != len(ids):
        message = ngettext_lazy(
            "%(count)d contact does not exist or was deleted.",
            "%(count)d contacts do not exist or were deleted.",
            len(ids) - found,
        ) % {"count": len(ids) - found}
        raise _wrong("audience_unknown", message)
    return {"contacts": [str(pk) for pk in ids]}


def _read_import(audience: Mapping[str, Any]) -> Audience:
    (pk,) = _uuids(IMPORT, [audience["import"]])
    if not Import.objects.filter(pk=pk).exists():
        raise _wrong("audience_unknown", _("This import does not exist."))
    return {"import": str(pk)}


_READERS: dict[str, Callable[[Mapping[str, Any]], Audience]] = {
    "all": _read_all,
    "tags": _read_tags,
    "contacts": _read_contacts,
    "import": _read_import,
}


def _excluded(audience: Mapping[str, Any]) -> Audience:
    tags = _tag_ids(audience.get("exclude_tags") or [])
    return {"exclude_tags": tags} if tags else {}


def _tag_ids(values: Any) -> list[str]:
    """Tags by name, public id or UUID, each once."""
    texts = [str(value) for value in _list(values)]
    by_name = {tag.key: tag.pk for tag in Tag.objects.filter(key__in=map(key_of, texts))}
    rest = {text: _uuid(TAG, text) for text in texts if key_of(text) not in by_name}
    known = set(
        Tag.objects.filter(pk__in=[pk for pk in rest.values() if pk]).values_list("pk", flat=True)
    )
    missing = [text for text, pk in rest.items() if pk not in known]
    if missing:
        raise _wrong("audience_unknown", _("There is no tag %s.") % ", ".join(missing))
    return list(dict.fromkeys(str(by_name.get(key_of(text)) or rest[text]) for text in texts))


def _uuids(prefix: PublicId, values: Any) -> list[UUID]:
    found = {str(value): _uuid(prefix, str(value)) for value in _list(values)}
    wrong = [text for text, pk in found.items() if pk is None]
    if wrong:
        raise _wrong("audience_unknown", _("This is not a valid id: %s.") % ", ".join(wrong[:5]))
    return list(dict.fromkeys(pk for pk in found.values() if pk))


def _uuid(prefix: PublicId, text: str) -> UUID | None:
    try:
        return prefix.decode(text) if text.startswith(f"{prefix.prefix}_") else uuid_of(text)
    except InvalidId:
        return None


def _list(values: Any) -> Sequence[Any]:
    if not isinstance(values, list | tuple):
        raise _wrong("audience_form", _("Give a list."))
    return values


def _wrong(code: str, message: Any) -> Invalid:
    return Invalid({"audience": FieldError(code, message)})
