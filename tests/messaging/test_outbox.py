"""Sending one message: through the gate, ahead of every run, with everything it may carry."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from connections.models import Connection
from connections.services import states
from core.errors import Conflict, Invalid
from core.models import AgendaRow
from crm.enums import Purpose
from crm.models import Contact
from messaging import bodies
from messaging.bodies import Body
from messaging.dispatch import lanes
from messaging.dispatch.pump import pump
from messaging.enums import DispatchState, MessageKind, Origin
from messaging.models import Media, Message, Thread
from messaging.services import media, outbox, threads
from sandbox.testing import Handle
from tenants.models import Company
from tenants.services import companies
from tests.messaging import factories
from tests.messaging.recordings import recording


@pytest.fixture
def connection(company: Company, sandbox: Handle) -> Connection:
    return factories.a_connection()


@pytest.fixture
def contact(connection: Connection) -> Contact:
    """Somebody who wrote a minute ago, also as the sandbox sees it."""
    [person] = factories.contacts(1)
    address = factories.address_of(person)
    thread = threads.get_or_create(
        contact_id=person.pk, connection_id=connection.pk, address=address
    )
    place = threads.Place(thread.contact_id, thread.connection_id, "")
    threads.note_inbound([threads.Heard(place, timezone.now(), "wamid.in")])
    return person


@pytest.fixture
def no_window_there(sandbox: Handle) -> None:
    sandbox.http.post("/_sandbox/settings", json={"enforce_window": False})


def send(connection: Connection, contact: Contact, body: Body, **fields: Any) -> Message:
    return outbox.send(
        contact=contact,
        connection=connection,
        address=factories.address_of(contact),
        body=body,
        origin=Origin.AGENT,
        **fields,
    )


def a_picture() -> Media:
    content = SimpleUploadedFile("foto.png", factories.PNG)
    return media.upload(content=content, filename="foto.png")


def ledger(sandbox: Handle) -> list[dict[str, Any]]:
    return sandbox.http.get("/_sandbox/ledger").json()["results"]


def test_an_answer_is_stored_and_its_sender_is_woken(
    connection: Connection, contact: Contact
) -> None:
    message = send(connection, contact, bodies.text(" Olá! "))

    assert (message.dispatch, message.content, message.priority) == (
        DispatchState.QUEUED,
        {"text": "Olá!"},
        0,
    )
    assert AgendaRow.objects.filter(kind="messaging.reply", key=str(connection.pk)).exists()


def test_outside_the_window_text_is_refused_and_nothing_is_stored(
    connection: Connection, contact: Contact
) -> None:
    Thread.objects.update(window_until=timezone.now() - timedelta(seconds=1))

    with pytest.raises(Conflict) as refused:
        send(connection, contact, bodies.text("Olá"))

    assert refused.value.code == "window_closed"
    assert Message.objects.count() == 0


def test_outside_the_window_a_template_goes(connection: Connection, contact: Contact) -> None:
    Thread.objects.update(window_until=None)
    template = factories.a_template(connection)
    message = send(connection, contact, bodies.template(template, {"1": "Ana", "2": "#7"}))

    pump(lanes.REPLIES, str(connection.pk))

    message.refresh_from_db()
    assert message.dispatch == DispatchState.ACCEPTED
    assert message.content["body"] == "Hi Ana, we received your order #7. Thank you!"


def test_while_the_number_is_paused_it_waits(connection: Connection, contact: Contact) -> None:
    until = timezone.now() + timedelta(minutes=5)
    states.throttle(connection, "130429", "slow down", until)

    message = send(connection, contact, bodies.text("Olá"))

    assert (message.code, message.due_at) == ("connection_paused", until)


def test_a_window_that_closes_before_the_wire_stops_the_message(
    connection: Connection, contact: Contact, sandbox: Handle
) -> None:
    message = send(connection, contact, bodies.text("Olá"))
    Thread.objects.update(window_until=timezone.now() - timedelta(seconds=1))

    pump(lanes.REPLIES, str(connection.pk))

    message.refresh_from_db()
    assert (message.dispatch, message.code) == (DispatchState.SKIPPED, "window_closed")
    assert ledger(sandbox) == []


@pytest.mark.usefixtures("no_window_there")
def test_every_kind_reaches_the_provider(
    connection: Connection, contact: Contact, sandbox: Handle
) -> None:
    picture = a_picture()
    first = send(connection, contact, bodies.text("Olá"))
    pump(lanes.REPLIES, str(connection.pk))
    first.refresh_from_db()
    for body in (
        bodies.media(picture, "A foto"),
        bodies.location(latitude=-23.5, longitude=-46.6, name="Loja"),
        bodies.contacts([{"name": "Bia", "phones": [{"phone": "+5511912345678"}]}]),
        bodies.reaction(first, "👍"),
    ):
        send(connection, contact, body)
    send(connection, contact, bodies.text("Resposta"), reply_to=first)
    pump(lanes.REPLIES, str(connection.pk))

    rows = Message.objects.exclude(dispatch=DispatchState.ACCEPTED)
    assert [(row.kind, row.code, row.detail) for row in rows] == []
    sent = [item["type"] for item in ledger(sandbox) if item.get("wamid")]
    assert sorted(sent) == [
        "contacts",
        "image",
        "location",
        "reaction",
        "text",
        "text",
    ]


@pytest.mark.usefixtures("no_window_there")
def test_a_file_is_uploaded_once_for_many_messages(
    connection: Connection, contact: Contact
) -> None:
    picture = a_picture()
    send(connection, contact, bodies.media(picture))
    pump(lanes.REPLIES, str(connection.pk))
    picture.refresh_from_db()
    handle = picture.external_id
    send(connection, contact, bodies.media(picture))
    pump(lanes.REPLIES, str(connection.pk))

    picture.refresh_from_db()
    assert handle
    assert picture.external_id == handle


@pytest.mark.usefixtures("no_window_there")
def test_a_recording_leaves_as_a_voice_note(
    connection: Connection, contact: Contact, sandbox: Handle
) -> None:
    recorded = media.upload_voice(content=BytesIO(recording(seconds=0.2)))
    send(connection, contact, bodies.media(recorded))
    pump(lanes.REPLIES, str(connection.pk))

    phone = {"connection": factories.NUMBER, "contact": factories.address_of(contact)}
    chat = sandbox.http.get("/_sandbox/phone/messages", params=phone).json()["results"]
    assert [(one["kind"], one["media"]["voice"]) for one in chat] == [("audio", True)]


@pytest.mark.parametrize(
    "make",
    [
        lambda: bodies.text("   "),
        lambda: bodies.text("x" * 4097),
        lambda: bodies.location(latitude=91, longitude=0),
        lambda: bodies.contacts([]),
        lambda: bodies.contacts([{"name": "Bia", "phones": []}]),
    ],
)
def test_what_the_channel_would_not_take_is_refused_here(make: Any) -> None:
    with pytest.raises(Invalid):
        make()


def test_files_are_what_their_bytes_say(company: Company) -> None:
    picture = media.upload(content=SimpleUploadedFile("x.pdf", factories.PNG), filename="x.pdf")
    assert (picture.kind, picture.mime) == (MessageKind.IMAGE, "image/png")
    with pytest.raises(Invalid):
        media.upload(content=SimpleUploadedFile("x.png", b"<script>1</script>"), filename="x.png")


class TestTime:
    def test_an_answer_leaves_while_its_window_is_open_or_never(
        self, connection: Connection, contact: Contact
    ) -> None:
        until = timezone.now() + timedelta(hours=3)
        Thread.objects.update(window_until=until)
        assert send(connection, contact, bodies.text("Olá")).expires_at == until

    def test_while_it_waits_its_end_is_looked_after(
        self, connection: Connection, contact: Contact
    ) -> None:
        states.pause(connection)
        message = send(connection, contact, bodies.text("Olá"))
        ends = AgendaRow.objects.filter(kind="messaging.expire", due_at=message.expires_at)
        assert ends.count() == 1


class TestAtLeastOnce:
    def a_body(self, connection: Connection, category: str) -> Body:
        template = factories.a_template(connection, category=category)
        return bodies.template(template, {"1": "Ana", "2": "#7"})

    @pytest.mark.parametrize("category", ["UTILITY", "AUTHENTICATION"])
    def test_a_transactional_template_may_choose_it(
        self, connection: Connection, contact: Contact, category: str
    ) -> None:
        body = self.a_body(connection, category)
        assert send(connection, contact, body, at_least_once=True).at_least_once is True

    @pytest.mark.parametrize(
        ("category", "purpose"),
        [
            ("MARKETING", Purpose.SERVICE),
            ("UTILITY", Purpose.MARKETING),
            ("", Purpose.SERVICE),
        ],
    )
    def test_nothing_else_may(
        self, connection: Connection, contact: Contact, category: str, purpose: str
    ) -> None:
        body = self.a_body(connection, category) if category else bodies.text("Olá")
        with pytest.raises(Invalid) as refused:
            send(connection, contact, body, purpose=purpose, at_least_once=True)
        assert list(refused.value.errors) == ["at_least_once"]
        assert Message.objects.count() == 0


class TestResend:
    def failed(self, connection: Connection, contact: Contact, **fields: Any) -> Message:
        defaults = {"dispatch": DispatchState.REJECTED, "code": "131026"}
        return factories.an_outgoing(connection, contact, **{**defaults, **fields})

    @pytest.mark.parametrize(
        "fields",
        [
            {"dispatch": DispatchState.REJECTED},
            {"dispatch": DispatchState.UNCONFIRMED},
            {"dispatch": DispatchState.EXPIRED},
            {"dispatch": DispatchState.ACCEPTED, "failed_at": timezone.now()},
        ],
    )
    def test_what_failed_is_sent_again_as_a_new_message(
        self, connection: Connection, contact: Contact, fields: dict[str, Any]
    ) -> None:
        former = self.failed(connection, contact, **fields)
        again = outbox.resend(message=former, author=None)

        assert again.resend_of == former
        assert again.send_key != former.send_key
        assert (again.dispatch, again.content) == (DispatchState.QUEUED, former.content)
        assert again.address == former.address
        former.refresh_from_db()
        assert former.dispatch == fields["dispatch"]

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"dispatch": DispatchState.UNKNOWN}, "resend_unclear"),
            ({"dispatch": DispatchState.ACCEPTED}, "resend_not_failed"),
            ({"dispatch": DispatchState.QUEUED}, "resend_not_failed"),
            ({"dispatch": DispatchState.RETRY_WAIT}, "resend_not_failed"),
            (
                {"dispatch": DispatchState.ACCEPTED, "failed_at": timezone.now(), "rank": 20},
                "resend_not_failed",
            ),
        ],
    )
    def test_what_did_not_fail_or_is_unclear_is_not(
        self, connection: Connection, contact: Contact, fields: dict[str, Any], code: str
    ) -> None:
        former = self.failed(connection, contact, **fields)
        with pytest.raises(Conflict) as refused:
            outbox.resend(message=former, author=None)
        assert refused.value.code == code
        assert Message.objects.count() == 1

    def test_once_until_that_one_has_failed_too(
        self, connection: Connection, contact: Contact
    ) -> None:
        former = self.failed(connection, contact)
        again = outbox.resend(message=former, author=None)
        with pytest.raises(Conflict) as refused:
            outbox.resend(message=former, author=None)
        assert refused.value.code == "resend_again"
        Message.objects.filter(pk=again.pk).update(dispatch=DispatchState.REJECTED)
        assert outbox.resend(message=former, author=None).resend_of == former

    def test_the_gate_has_its_say(self, connection: Connection, contact: Contact) -> None:
        former = self.failed(connection, contact)
        Thread.objects.update(window_until=None)
        with pytest.raises(Conflict) as refused:
            outbox.resend(message=former, author=None)
        assert refused.value.code == "window_closed"

    def test_a_recipient_of_a_run_is_written_to_outside_of_it(self, connection: Connection) -> None:
        stream = factories.a_run(connection, factories.a_template(connection), 1)
        Message.objects.update(dispatch=DispatchState.REJECTED)
        again = outbox.resend(message=Message.objects.get(), author=None)
        assert (again.stream, again.template) == (None, Message.objects.first().template)
        assert stream.messages.count() == 1


def test_a_number_that_may_send_again_does_not_keep_anybody_waiting(
    connection: Connection, contact: Contact
) -> None:
    states.pause(connection)
    message = send(connection, contact, bodies.text("Olá"))
    assert message.due_at > timezone.now()
    states.resume(connection)

    message.refresh_from_db()
    assert message.due_at <= timezone.now()


def test_a_company_that_is_reactivated_sends_what_waited(
    company: Company, connection: Connection, contact: Contact
) -> None:
    companies.suspend(company=company)
    message = send(connection, contact, bodies.text("Olá"))
    assert (message.code, message.due_at > timezone.now()) == ("company_suspended", True)
    AgendaRow.objects.all().delete()

    companies.reactivate(company=company)

    message.refresh_from_db()
    assert message.due_at <= timezone.now()
    assert AgendaRow.objects.filter(kind="messaging.reply", key=str(connection.pk)).exists()
    pump(lanes.REPLIES, str(connection.pk))
    message.refresh_from_db()
    assert message.dispatch == DispatchState.ACCEPTED
