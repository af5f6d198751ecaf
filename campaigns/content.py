"""One content of a campaign (a template with its variables), compiled for many people."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from campaigns.models import Campaign
from campaigns.variables import ATTRIBUTE
from campaigns.variants import Variant, variants_of
from crm.enums import IdentityKind, Purpose
from crm.field_kinds import show
from crm.selectors import field_definition
from messaging.compiled import Compiled
from messaging.enums import TemplateCategory
from messaging.models import Media, Template
from messaging.rendering import clean

Values = dict[str, str]


@dataclass(slots=True)
class Person:
    """What a message may say of a contact."""

    id: UUID
    name: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    phone: str = ""
    email: str = ""


Reader = Callable[[Person], str]

_FIELDS: dict[str, Reader] = {
    "name": lambda person: clean(person.name),
    "first_name": lambda person: clean(person.name).partition(" ")[0],
    "phone": lambda person: person.phone,
    "email": lambda person: person.email,
}


class Content:
    """A variant's template, its values for a person, and the text that they make."""

    def __init__(self, variant: Variant, template: Template, media: Media | None) -> None:
        self.key = variant.key
        self.variant = variant
        self.template = template
        self.media = media
        is_marketing = template.category == TemplateCategory.MARKETING
        # Marketing templates need consent for marketing; the others serve the customer.
        self.purpose = (Purpose.MARKETING if is_marketing else Purpose.SERVICE).value
        file_of_header = f"header_{media.kind}" if media is not None else ""
        self._readers = {
            one["name"]: _reader(variant.variables.get(one["name"]) or {}, one)
            for one in template.variables
            if one["name"] != file_of_header
        }
        self._compiled = Compiled(template)

    @property
    def fields(self) -> set[str]:
        """The fields of a contact that are asked for."""
        return {source["field"] for source in self.variant.variables.values() if "field" in source}

    def values_of(self, person: Person) -> tuple[Values, list[str]]:
        """(values by variable, names of those that stay empty)."""
        values = {name: read(person) for name, read in self._readers.items()}
        if all(values.values()):
            return values, []
        return values, [name for name, value in values.items() if not value]

    def render(self, values: Values) -> str:
        """`Message.content` as JSON text."""
        return self._compiled.render(values)


class Contents:
    """The contents of a campaign by variant, and what has to be known of people to fill them."""

    def __init__(self, campaign: Campaign) -> None:
        self.variants = variants_of(campaign)
        templates = Template.objects.in_bulk({one.template_id for one in self.variants})
        self.by_key = {
            one.key: Content(one, templates[one.template_id], campaign.media)
            for one in self.variants
        }
        fields = {name for one in self.by_key.values() for name in one.fields}
        self.needs_attributes = any(name.startswith(ATTRIBUTE) for name in fields)
        self.identities = [
            kind.value for kind in (IdentityKind.PHONE, IdentityKind.EMAIL) if kind.value in fields
        ]

    @property
    def has_marketing(self) -> bool:
        """Whether any variant is marketing."""
        return any(one.purpose == Purpose.MARKETING for one in self.by_key.values())

    @property
    def first(self) -> Content:
        """The first variant's, or the only one."""
        return self.by_key[self.variants[0].key]


def _reader(source: Mapping[str, Any], variable: Mapping[str, Any]) -> Reader:
    """How a variable is read: the same text for everybody, or a field with a fallback."""
    fixed = clean(source.get("value"))
    if fixed:
        return lambda person: fixed
    own = "" if source.get("skip_if_empty") else variable.get("fallback")
    fallback = clean(source.get("fallback") or own)
    field_of = _field_reader(str(source.get("field") or ""))
    return lambda person: field_of(person) or fallback


def _field_reader(name: str) -> Reader:
    if name.startswith(ATTRIBUTE):
        key = name.removeprefix(ATTRIBUTE)
        definition = field_definition(key)
        if definition is None:
            return lambda person: clean(person.attributes.get(key))
        return lambda person: clean(show(definition, person.attributes.get(key)))
    return _FIELDS.get(name, lambda person: "")
