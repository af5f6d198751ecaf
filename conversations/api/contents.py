"""What a program wants to say, as one of messaging's bodies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from connections.models import Connection
from conversations.models import Conversation
from core.errors import FieldError, Invalid
from crm.models import Contact
from messaging import bodies
from messaging.bodies import Body
from messaging.models import Media, Message, Template
from messaging.rendering import resolve_variables, values_in
from messaging.template_selectors import sendable_template
from messaging.template_shapes import BadShape

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """To whom and through which number; `thread_id` where they have talked."""

    contact: Contact
    connection: Connection
    thread_id: UUID | None = None

    @classmethod
    def of(cls, conversation: Conversation) -> Place:
        """The place of a conversation."""
        return cls(conversation.contact, conversation.thread.connection, conversation.thread_id)


def body_of(data: Data, place: Place) -> Body:
    """The body of a validated request.

    Raises:
        core.errors.Invalid: none or several kinds, something that does not exist, a variable
            without a value.
    """
    wanted = [kind for kind in _MAKERS if kind in data]
    if len(wanted) != 1:
        message = _("Give exactly one of: %(kinds)s.") % {"kinds": ", ".join(_MAKERS)}
        raise Invalid({"": FieldError("one_kind", message)})
    return _MAKERS[wanted[0]](data, place)


def message_of(pk: UUID, place: Place, field: str) -> Message:
    """A message of this very thread.

    Raises:
        core.errors.Invalid: there is none.
    """
    rows = Message.objects.filter(pk=pk, thread_id=place.thread_id) if place.thread_id else None
    found = rows.first() if rows is not None else None
    if found is None:
        raise Invalid({field: FieldError("does_not_exist", _("The thread has no such message."))})
    return found


def _text(data: Data, _place: Place) -> Body:
    return bodies.text(data["text"])


def _template(data: Data, place: Place) -> Body:
    template = sendable_template(place.connection, data["template"], data["language"])
    mapping = {
        name: value if isinstance(value, Mapping) else {"value": str(value)}
        for name, value in _given(template, data["variables"]).items()
    }
    values, missing = resolve_variables(template, mapping, place.contact)
    if missing:
        error = FieldError("variable_missing", _("This variable has no value."))
        raise Invalid({f"variables.{name}": error for name in missing})
    return bodies.template(template, values)


def _given(template: Template, given: Any) -> dict[str, Any]:
    try:
        return values_in(template, given)
    except BadShape as error:
        message = _("Give the variables by name, or in their order; not more than there are.")
        raise Invalid({"variables": FieldError("shape", message)}) from error


def _media(data: Data, _place: Place) -> Body:
    media = Media.objects.filter(pk=data["media"]).first()
    if media is None:
        raise Invalid({"media": FieldError("does_not_exist", _("There is no such file."))})
    return bodies.media(media, data["caption"])


def _location(data: Data, _place: Place) -> Body:
    return bodies.location(**data["location"])


def _contacts(data: Data, _place: Place) -> Body:
    return bodies.contacts(data["contacts"])


def _reaction(data: Data, place: Place) -> Body:
    wanted = data["reaction"]
    target = message_of(wanted["message"], place, "reaction.message")
    return bodies.reaction(target, wanted["emoji"])


_MAKERS: dict[str, Callable[[Data, Place], Body]] = {
    "text": _text,
    "template": _template,
    "media": _media,
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
}
