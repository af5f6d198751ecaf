"""What a program wants to say, as one of messaging's bodies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from conversations.models import Conversation
from conversations.selectors import sendable_template
from core.errors import FieldError, Invalid
from messaging import bodies
from messaging.bodies import Body
from messaging.models import Media, Message
from messaging.rendering import resolve_variables

Data = Mapping[str, Any]


def body_of(data: Data, conversation: Conversation) -> Body:
    """The body of a validated request.

    Raises:
        core.errors.Invalid: none or several kinds, something that does not exist, a variable
            without a value.
    """
    wanted = [kind for kind in _MAKERS if kind in data]
    if len(wanted) != 1:
        message = _("Give exactly one of: %(kinds)s.") % {"kinds": ", ".join(_MAKERS)}
        raise Invalid({"": FieldError("one_kind", message)})
    return _MAKERS[wanted[0]](data, conversation)


def message_of(pk: UUID, conversation: Conversation, field: str) -> Message:
    """A message of this very thread.

    Raises:
        core.errors.Invalid: there is none.
    """
    found = Message.objects.filter(pk=pk, thread_id=conversation.thread_id).first()
    if found is None:
        raise Invalid({field: FieldError("does_not_exist", _("The thread has no such message."))})
    return found


def _text(data: Data, _conversation: Conversation) -> Body:
    return bodies.text(data["text"])


def _template(data: Data, conversation: Conversation) -> Body:
    template = sendable_template(conversation, data["template"])
    mapping = {
        name: value if isinstance(value, Mapping) else {"value": str(value)}
        for name, value in data["variables"].items()
    }
    values, missing = resolve_variables(template, mapping, conversation.contact)
    if missing:
        error = FieldError("variable_missing", _("This variable has no value."))
        raise Invalid({f"variables.{name}": error for name in missing})
    return bodies.template(template, values)


def _media(data: Data, _conversation: Conversation) -> Body:
    media = Media.objects.filter(pk=data["media"]).first()
    if media is None:
        raise Invalid({"media": FieldError("does_not_exist", _("There is no such file."))})
    return bodies.media(media, data["caption"])


def _location(data: Data, _conversation: Conversation) -> Body:
    return bodies.location(**data["location"])


def _contacts(data: Data, _conversation: Conversation) -> Body:
    return bodies.contacts(data["contacts"])


def _reaction(data: Data, conversation: Conversation) -> Body:
    wanted = data["reaction"]
    target = message_of(wanted["message"], conversation, "reaction.message")
    return bodies.reaction(target, wanted["emoji"])


_MAKERS: dict[str, Callable[[Data, Conversation], Body]] = {
    "text": _text,
    "template": _template,
    "media": _media,
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
}
