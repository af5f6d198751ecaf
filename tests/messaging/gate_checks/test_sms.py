"""The same text does not go to the same phone twice, whoever asks."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections.models import Connection
from core.errors import Conflict
from messaging import gate
from messaging.bodies import text
from messaging.dispatch import lanes
from messaging.dispatch.pump import pump
from messaging.enums import DispatchState, Origin
from messaging.gate_checks import sms
from messaging.models import Message, SendingPolicy, SmsGuard, Stream, Template
from messaging.services import outbox, threads
from sandbox.testing import Handle
from tenants.models import Company
from tests.messaging import factories, texting
from tests.messaging.factories import states_of


@pytest.fixture
def number(company: Company, sandbox: Handle) -> Connection:
    return texting.a_text_number()


@pytest.fixture
def template(number: Connection) -> Template:
    return texting.a_text_template(number, "Lembrete da loja Aurora")


def send(number: Connection) -> None:
    for lane in (lanes.RUNS, lanes.REPLIES):
        pump(lane, str(number.pk))


def test_a_second_run_does_not_repeat_the_first(number: Connection, template: Template) -> None:
    people = texting.people(3)
    texting.a_run(number, template, people, "Lembrete")
    send(number)
    again = texting.a_run(number, template, people, "  LEMBRETE ")
    send(number)
    assert states_of(again) == {DispatchState.SKIPPED: 3}
    assert set(Message.objects.filter(stream=again).values_list("code", flat=True)) == {
        "sms_duplicate"
    }


def test_a_single_send_is_refused_what_a_run_has_said(
    number: Connection, template: Template
) -> None:
    [ana] = texting.people(1)
    texting.a_run(number, template, [ana], "Lembrete")
    send(number)
    with pytest.raises(Conflict) as caught:
        texting.single(number, ana, "Lembrete")
    assert caught.value.code == "sms_duplicate"
    texting.single(number, ana, "Outra coisa")


def test_two_that_come_at_once_leave_once(number: Connection) -> None:
    [ana] = texting.people(1)
    first, second = (texting.single(number, ana, "Oi") for _ in range(2))
    send(number)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.dispatch, second.dispatch) == (DispatchState.ACCEPTED, DispatchState.SKIPPED)
    assert second.code == "sms_duplicate"


def test_other_people_and_other_texts_are_not_held_back(
    number: Connection, template: Template
) -> None:
    people = texting.people(2)
    texting.a_run(number, template, people[:1], "Lembrete")
    send(number)
    others = texting.a_run(number, template, people, "Outro")
    send(number)
    assert states_of(others) == {DispatchState.ACCEPTED: 2}


def test_both_spellings_of_a_mobile_are_one_phone(number: Connection) -> None:
    [ana] = texting.people(1)
    old = factories.address_of(ana).replace("+55119", "+5511")
    SmsGuard.objects.create(
        address="+5511976543210",
        body_sha256=sms.digest("Oi"),
        message=factories.an_outgoing(number, ana),
        expires_at=timezone.now() + timedelta(hours=1),
    )
    assert old != factories.address_of(ana)
    verdicts = judged(number, ana, "551176543210")
    assert [verdict.code for verdict in verdicts] == ["sms_duplicate"]


def judged(number: Connection, ana: object, address: str) -> list[gate.Verdict]:
    message = factories.an_outgoing(number, ana, content={"text": "Oi"}, purpose="marketing")  # type: ignore[arg-type]
    Message.objects.filter(pk=message.pk).update(address=address)
    message.refresh_from_db()
    return gate.judge([gate.Candidate.of(message)], now=timezone.now())


def test_when_the_hours_are_over_it_may_be_said_again(
    number: Connection, template: Template
) -> None:
    people = texting.people(1)
    texting.a_run(number, template, people, "Lembrete")
    send(number)
    SmsGuard.objects.update(expires_at=timezone.now())
    again = texting.a_run(number, template, people, "Lembrete")
    send(number)
    assert states_of(again) == {DispatchState.ACCEPTED: 1}
    assert SmsGuard.objects.get().message.stream_id == again.pk


def test_a_company_may_switch_it_off(number: Connection, template: Template) -> None:
    SendingPolicy.objects.update_or_create(pk=1, defaults={"sms_guard_hours": 0})
    people = texting.people(1)
    for _ in range(2):
        run = texting.a_run(number, template, people, "Lembrete")
        send(number)
        assert states_of(run) == {DispatchState.ACCEPTED: 1}
    assert not SmsGuard.objects.exists()


def test_who_comes_a_moment_too_late_is_stopped_at_the_wire(number: Connection) -> None:
    ana = texting.people(1)[0]
    first, second = (
        gate.Candidate.of(factories.an_outgoing(number, ana, content={"text": "Oi"}))
        for _ in range(2)
    )
    moment = gate.Moment(timezone.now(), effects=True, is_at_wire=True)
    assert sms.guard([first], moment) == {}
    assert [verdict.code for verdict in sms.guard([second], moment).values()] == ["sms_duplicate"]
    assert sms.guard([first], moment) == {}


def test_who_waits_for_money_keeps_the_text_from_nobody(
    number: Connection, template: Template
) -> None:
    SendingPolicy.objects.update_or_create(defaults={"currency": "USD"})
    people = texting.people(1)
    poor = texting.a_run(number, template, people, "Lembrete")
    Stream.objects.filter(pk=poor.pk).update(budget=0, currency="USD")
    send(number)
    assert Message.objects.get(stream=poor).code == "budget_reached"
    assert not SmsGuard.objects.exists()
    rich = texting.a_run(number, template, people, "Lembrete")
    send(number)
    assert states_of(rich) == {DispatchState.ACCEPTED: 1}


def test_what_was_refused_may_be_said_again(
    number: Connection, template: Template, sandbox: Handle
) -> None:
    fault(sandbox, "error:30007")
    people = texting.people(1)
    run = texting.a_run(number, template, people, "Lembrete")
    send(number)
    assert states_of(run) == {DispatchState.REJECTED: 1}
    assert not SmsGuard.objects.exists()


def test_a_retry_of_the_same_message_is_no_repeat(
    number: Connection, template: Template, sandbox: Handle
) -> None:
    fault(sandbox, "500_json")
    run = texting.a_run(number, template, texting.people(1), "Lembrete")
    send(number)
    assert states_of(run) == {DispatchState.RETRY_WAIT: 1}
    Message.objects.filter(stream=run).update(due_at=timezone.now())
    send(number)
    assert states_of(run) == {DispatchState.ACCEPTED: 1}


def test_a_conversation_may_repeat_itself(number: Connection) -> None:
    [ana] = texting.people(1)
    thread = threads.get_or_create(
        contact_id=ana.pk, connection_id=number.pk, address=factories.address_of(ana)
    )
    place = threads.Place(thread.contact_id, thread.connection_id, "")
    threads.note_inbound([threads.Heard(place, timezone.now(), "SM1")], window=None)
    for _ in range(2):
        message = texting.single(number, ana, "ok")
        send(number)
        message.refresh_from_db()
        assert message.dispatch == DispatchState.ACCEPTED


def test_whatsapp_is_asked_nothing_of_it(number: Connection) -> None:
    said = texting.people(1)[0]
    over_whatsapp = factories.a_connection()
    for _ in range(2):
        message = factories.an_outgoing(over_whatsapp, said, content={"text": "x" * 2000})
        [verdict] = gate.judge([gate.Candidate.of(message)], now=timezone.now())
        assert {"mobile", "length", "sms_repeat"} & {name for name, _ in verdict.steps} == set()
        assert verdict.code == "window_closed"


def test_a_preview_writes_nothing(number: Connection, template: Template) -> None:
    message = factories.an_outgoing(number, texting.people(1)[0], content={"text": "Oi"})
    gate.judge([gate.Candidate.of(message)], now=timezone.now(), effects=False)
    assert not SmsGuard.objects.exists()


def test_a_landline_gets_no_sms(number: Connection) -> None:
    [ana] = texting.people(1)
    with pytest.raises(Conflict) as caught:
        outbox.send(
            contact=ana,
            connection=number,
            address="+551133334444",
            body=text("Oi"),
            origin=Origin.API,
        )
    assert caught.value.code == "not_a_mobile"


def test_a_text_beyond_what_the_provider_carries_is_refused(number: Connection) -> None:
    [ana] = texting.people(1)
    with pytest.raises(Conflict) as caught:
        texting.single(number, ana, "x" * 1601)
    assert caught.value.code == "text_too_long"


def test_parts_are_counted_with_the_message(number: Connection) -> None:
    ana, bia = texting.people(2)
    assert texting.single(number, ana, "Oi").segments == 1
    assert texting.single(number, bia, "ã" * 71).segments == 2


def fault(sandbox: Handle, do: str) -> None:
    rule = {"do": do, "times": 1, "when": {"path": "/Messages.json"}}
    sandbox.http.post(
        "/_sandbox/faults", json={"provider": "twilio", "rules": [rule]}
    ).raise_for_status()
