"""Answering: what goes out, and what the gate says no to."""

import pytest
from django.utils import timezone

from conversations.models import Conversation
from conversations.services.replies import reply
from core.errors import Conflict
from crm.models import Contact
from crm.services import consents
from messaging import bodies
from messaging.bodies import Body
from messaging.enums import DispatchState, Origin
from messaging.models import Message
from tests.conversations.factories import a_conversation, closed_window
from tests.messaging.factories import a_template

pytestmark = pytest.mark.usefixtures("company")

BODIES = {
    "text": bodies.text("Oi"),
    "location": bodies.location(latitude=-23.5, longitude=-46.6),
    "contacts": bodies.contacts([{"name": "Loja", "phones": [{"phone": "+551140001000"}]}]),
}


@pytest.mark.parametrize("kind", BODIES)
def test_within_the_window_anything_goes_ahead_of_campaigns(kind: str) -> None:
    sent = reply(conversation=a_conversation(), body=BODIES[kind], author=None)
    assert (sent.kind, sent.dispatch, sent.priority) == (kind, DispatchState.QUEUED, 0)
    assert (sent.origin, sent.stream) == (Origin.AGENT, None)


@pytest.mark.parametrize("kind", BODIES)
def test_outside_the_window_nothing_free_form_is_even_stored(kind: str) -> None:
    talk = a_conversation()
    closed_window(talk)
    with pytest.raises(Conflict) as refused:
        reply(conversation=talk, body=BODIES[kind], author=None)
    assert refused.value.code == "window_closed"
    assert Message.objects.filter(direction="out").count() == 0


def test_a_template_goes_out_when_the_window_is_closed() -> None:
    talk = a_conversation()
    closed_window(talk)
    sent = reply(conversation=talk, body=_filled(talk), author=None)
    assert sent.content["body"] == "Hi Ana, we received your order #7. Thank you!"


def test_a_marketing_template_needs_the_opt_in_also_from_a_person() -> None:
    talk = a_conversation()
    body = _filled(talk, category="MARKETING")
    with pytest.raises(Conflict) as refused:
        reply(conversation=talk, body=body, author=None)
    assert refused.value.code == "no_consent"
    consents.opt_in(contact=talk.contact, source="balcão", at=timezone.now())
    assert reply(conversation=talk, body=body, author=None).purpose == "marketing"


def test_a_deleted_contact_is_not_written_to() -> None:
    talk = a_conversation()
    Contact.objects.update(deleted_at=timezone.now())
    talk = Conversation.objects.select_related("contact").get(pk=talk.pk)
    with pytest.raises(Conflict) as refused:
        reply(conversation=talk, body=bodies.text("Oi"), author=None)
    assert refused.value.code == "contact_deleted"


def test_a_quote_and_a_reaction_name_the_message_they_are_about() -> None:
    talk = a_conversation()
    asked = talk.last_message
    assert asked is not None
    quoting = reply(conversation=talk, body=bodies.text("Sim"), author=None, reply_to=asked)
    assert quoting.reply_to == asked
    reacting = reply(
        conversation=talk, body=bodies.reaction(asked, "👍"), author=None, reply_to=asked
    )
    assert reacting.content == {"emoji": "👍", "target": asked.external_id}


def _filled(talk: Conversation, **fields: str) -> Body:
    template = a_template(talk.thread.connection, **fields)
    return bodies.template(template, {"1": "Ana", "2": "#7"})
