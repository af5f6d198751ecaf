"""Who writes the word is left alone: at once, whatever waits, and with one answer."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from connections.models import Connection
from connections.providers.base import Identities, InboundMessage, PreferenceUpdate
from crm.models import Consent, Suppression
from crm.selectors import consent_state, suppressed
from crm.services import keywords, suppressions
from messaging import gate
from messaging.dispatch import lanes
from messaging.dispatch.pump import pump
from messaging.enums import Direction, DispatchState, Origin
from messaging.models import Message
from messaging.services import inbound
from sandbox.testing import Handle
from tenants.models import Company
from tests.messaging import factories, texting

WA_ID = "5511987654321"
NOW = timezone.now() - timedelta(minutes=1)
WRITERS = 10  # of two hundred; each word takes a few statements


@pytest.fixture
def connection(company: Company) -> Connection:
    return factories.a_connection()


def wrote(connection: Connection, text: str, **fields: Any) -> Message:
    number = Message.objects.count()
    defaults: dict[str, Any] = {
        "number_id": factories.NUMBER,
        "account_id": factories.ACCOUNT,
        "external_id": f"wamid.in-{number}",
        "identities": Identities(wa_id=WA_ID),
        "at": NOW + timedelta(seconds=number),
        "kind": "text",
        "content": {"text": text},
    }
    told = InboundMessage(**{**defaults, **fields})
    message = inbound.receive(connection=connection, inbound=told)
    assert message is not None
    return message


def answers() -> list[Message]:
    return list(Message.objects.filter(direction=Direction.OUT, origin=Origin.SYSTEM))


def lines() -> list[str]:
    found = Message.objects.filter(direction=Direction.INTERNAL).order_by("at")
    return [row.content["text"] for row in found]


def is_blocked() -> bool:
    return bool(suppressed([f"+{WA_ID}"], "whatsapp", "marketing"))


def test_the_word_is_written_down_shown_obeyed_and_answered_once(connection: Connection) -> None:
    message = wrote(connection, "Parar!")
    line = Consent.objects.get()
    assert (line.action, line.source, line.text, line.at) == (
        "opt_out", "keyword PARAR", "Parar!", message.at,
    )  # fmt: skip
    assert line.text_version.startswith("standard-")
    assert is_blocked()
    assert lines() == ["Opted out of marketing with the word PARAR."]
    [answer] = answers()
    assert (answer.dispatch, answer.purpose) == (DispatchState.QUEUED, "service")

    wrote(connection, "STOP")
    assert (Consent.objects.count(), len(answers())) == (2, 1)


def test_a_day_later_it_is_answered_again(connection: Connection) -> None:
    wrote(connection, "parar")
    Message.objects.filter(origin=Origin.SYSTEM).update(at=NOW - timedelta(hours=25))
    wrote(connection, "parar")
    assert len(answers()) == 2


def test_who_stopped_may_come_back(connection: Connection) -> None:
    message = wrote(connection, "PARAR")
    wrote(connection, "voltar")
    assert consent_state([message.contact_id], "whatsapp", "marketing") == {
        message.contact_id: True
    }
    assert not is_blocked()
    assert len(answers()) == 2
    assert lines()[1] == "Opted in to marketing again with the word VOLTAR."


def test_a_word_that_resumes_is_an_ordinary_message_to_who_never_stopped(
    connection: Connection,
) -> None:
    wrote(connection, "Start")
    assert (Consent.objects.count(), lines(), answers()) == (0, [], [])


def test_a_block_that_is_not_the_persons_stays_and_is_not_promised_away(
    connection: Connection,
) -> None:
    suppressions.suppress(
        address=f"+{WA_ID}", channel="whatsapp", purpose="marketing", reason="list"
    )
    wrote(connection, "voltar")
    assert is_blocked()
    assert answers() == []
    assert lines() == ["Asked for marketing again with the word VOLTAR, but a block stays."]


def test_a_company_may_answer_in_its_own_words_or_not_at_all(connection: Connection) -> None:
    texts = {"stop_words": [], "start_words": [], "start_text": ""}
    keywords.update_policy(**texts, confirms=True, stop_text="Combinado!")
    wrote(connection, "parar")
    assert [row.content["text"] for row in answers()] == ["Combinado!"]
    assert Consent.objects.get().text_version == "v2"
    keywords.update_policy(**texts, confirms=False, stop_text="")
    wrote(connection, "parar", identities=Identities(wa_id="5511987650000"))
    assert len(answers()) == 1


def test_without_an_answer_the_wish_holds_all_the_same(connection: Connection) -> None:
    wrote(connection, "parar", at=timezone.now() - timedelta(days=2))  # the window is closed
    assert (is_blocked(), answers()) == (True, [])


def test_buttons_say_it_too_and_captions_do_not(connection: Connection) -> None:
    wrote(connection, "", kind="image", content={"caption": "parar"})
    assert not is_blocked()
    wrote(connection, "", kind="button", content={"text": "Parar promoções", "payload": "x"})
    assert is_blocked()


def test_what_the_provider_has_understood_and_answered_is_not_answered_again(
    connection: Connection,
) -> None:
    wrote(connection, "STOP", wish_told=True)
    assert (Consent.objects.count(), answers()) == (0, [])


def test_a_word_that_the_provider_obeys_is_its_block_and_its_answer(company: Company) -> None:
    number = texting.a_text_number()
    sms = {"number_id": number.external_id, "account_id": number.account_id}
    person = {"identities": Identities(phone=WA_ID)}
    wrote(number, "STOP", **sms, **person)
    assert list(Suppression.objects.values_list("channel", "reason")) == [("sms", "provider")]
    wrote(number, "start", **sms, **person)
    assert (Suppression.objects.count(), answers()) == (0, [])
    wrote(number, "PARAR", **sms, **person)
    assert list(Suppression.objects.values_list("channel", "reason")) == [("sms", "opt_out")]
    assert len(answers()) == 1


def preference(connection: Connection, *, marketing: bool, at: Any = NOW) -> None:
    inbound.apply_preference(
        connection=connection,
        update=PreferenceUpdate(
            number_id=factories.NUMBER, account_id=factories.ACCOUNT,
            identities=Identities(wa_id=WA_ID), marketing=marketing, at=at,
        ),
    )  # fmt: skip


def test_the_providers_own_switch_blocks_and_ends_its_block(connection: Connection) -> None:
    preference(connection, marketing=False)
    assert list(Suppression.objects.values_list("reason", "masked").distinct()) == [
        ("provider", "+55 (11) •••••-4321")
    ]
    preference(connection, marketing=True, at=NOW - timedelta(hours=1))
    assert is_blocked()
    preference(connection, marketing=True, at=NOW + timedelta(seconds=1))
    assert not is_blocked()


def test_who_stops_between_claim_and_wire_gets_none_of_what_waits(
    company: Company, sandbox: Handle, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.SEND_SLICE_SECONDS = 120
    connection = factories.a_connection()
    run = factories.a_run(connection, factories.a_template(connection), 200, purpose="marketing")
    factories.start(run)
    monkeypatch.setattr(gate, "_checks", list(gate._checks))
    gate.register(gate.Check("they stop", 1000, partial(all_stop, connection)))

    pump(lanes.RUNS, str(connection.pk))

    assert sandbox.http.get("/_sandbox/ledger").json()["results"] == []
    rows = Message.objects.filter(stream=run)
    assert set(rows.values_list("dispatch", "code")) == {("skipped", "opted_out")}


def all_stop(
    connection: Connection, batch: Sequence[gate.Candidate], moment: gate.Moment
) -> gate.Verdicts:
    """A rule of the claim: its batch is claimed and has not left. Now some write the word, and the
    others say it in the shop, which is one statement."""
    claimed = [item for item in batch if item.stream_id]
    if claimed:
        for item in claimed[:WRITERS]:
            who = Identities(wa_id=item.address.lstrip("+"))
            wrote(connection, "PARAR", identities=who, at=timezone.now())
        Consent.objects.bulk_create(
            Consent(
                contact_id=item.contact_id, channel="whatsapp", purpose="marketing",
                action="opt_out", source="shop",
            )
            for item in claimed[WRITERS:]
        )  # fmt: skip
    return {}
