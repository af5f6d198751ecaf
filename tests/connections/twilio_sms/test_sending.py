"""What a send means is decided by how far its bytes got, against the stand-in."""

import asyncio
import io
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from connections.providers.base import (
    Credentials,
    FailureClass,
    Outgoing,
    ProviderError,
    SendError,
    SendResult,
)
from connections.providers.twilio_sms import looking
from connections.providers.twilio_sms.codes import CODES
from connections.registry import provider
from core.http import sending_session
from sandbox.testing import Handle
from sandbox.twilio.accounts import (
    DEMO_ACCOUNT,
    DEMO_AUTH_TOKEN,
    DEMO_SERVICE,
    DEMO_SMS_NUMBERS,
)
from tests.connections.factories import control
from tests.messaging.texting import PROVIDER

ANA = "5511987654321"
NUMBER = DEMO_SMS_NUMBERS[0]


def credentials(number: str = NUMBER, token: str = DEMO_AUTH_TOKEN) -> Credentials:
    return Credentials(
        number, DEMO_ACCOUNT, {"auth_token": token}, "http://127.0.0.1:9/webhooks/twilio/t/"
    )


def outgoing(text: str = "Oi", **fields: Any) -> Outgoing:
    defaults = {"send_key": str(uuid4()), "attempt": 1, "to": ANA, "kind": "text"}
    return Outgoing(text=text, **{**defaults, **fields})


def send(message: Outgoing, who: Credentials | None = None) -> SendResult:
    async def go() -> SendResult:
        async with sending_session() as session:
            return await provider(PROVIDER).send(session, who or credentials(), message)

    return asyncio.run(go())


def refused(message: Outgoing, who: Credentials | None = None) -> SendError:
    with pytest.raises(SendError) as caught:
        send(message, who)
    return caught.value


def ledger(sandbox: Handle) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sandbox.http.get("/_sandbox/ledger").json()["results"]
    return found


def arm(sandbox: Handle, do: str, **more: Any) -> None:
    rule = {"when": {"path": "/Messages.json"}, "do": do, "times": 1, **more}
    control(sandbox, "faults", provider="twilio", rules=[rule])


class TestAccepted:
    def test_the_evidence_travels_with_it(self, sandbox: Handle) -> None:
        message = outgoing("Olá, tudo bem? ✅")
        result = send(message)
        [item] = ledger(sandbox)
        assert (item["sid"], item["key"]) == (result.external_id, f"{message.send_key}:1")
        assert (item["recipient"], item["connection"]) == (ANA, NUMBER)

    def test_through_a_messaging_service(self, sandbox: Handle) -> None:
        send(outgoing(), credentials(DEMO_SERVICE))
        assert ledger(sandbox)[0]["connection"] == DEMO_SERVICE

    def test_a_template_leaves_as_its_text(self, sandbox: Handle) -> None:
        send(outgoing("Pedido 7 chegou", kind="template"))
        assert len(ledger(sandbox)) == 1


class TestRefused:
    @pytest.mark.parametrize(
        ("do", "klass", "code"),
        [
            ("429", FailureClass.THROTTLED, "20429"),
            ("500_json", FailureClass.RETRYABLE, "20500"),
            ("error:21610", FailureClass.OPTED_OUT, "21610"),
            ("error:21211", FailureClass.REJECTED, "21211"),
            ("error:30007", FailureClass.REJECTED, "30007"),
            ("error:99999", FailureClass.REJECTED, "99999"),
            ("500_html", FailureClass.AMBIGUOUS, "server_error"),
            ("200_no_id", FailureClass.AMBIGUOUS, "bad_answer"),
            ("half_body", FailureClass.AMBIGUOUS, "no_answer"),
            ("reset_after_read", FailureClass.AMBIGUOUS, "no_answer"),
        ],
    )
    def test_what_an_answer_means(
        self, sandbox: Handle, do: str, klass: FailureClass, code: str
    ) -> None:
        arm(sandbox, do)
        error = refused(outgoing())
        assert (error.klass, error.code) == (klass, code)
        assert bool(ledger(sandbox)) == (klass == FailureClass.AMBIGUOUS)

    def test_how_long_to_wait_is_twilios_word(self, sandbox: Handle) -> None:
        arm(sandbox, "429", retry_after=7)
        assert refused(outgoing()).retry_after == 7

    def test_a_wrong_token_is_about_the_connection(self, sandbox: Handle) -> None:
        assert refused(outgoing(), credentials(token="wrong")).klass == FailureClass.AUTH

    def test_nobody_there_means_that_nothing_left(self, sandbox: Handle, settings: Any) -> None:
        settings.TWILIO_BASE_URL = "http://127.0.0.1:1/twilio"
        settings.OUTBOUND_ALLOWED_PRIVATE = ["127.0.0.1:1"]
        error = refused(outgoing())
        assert (error.klass, error.code) == (FailureClass.RETRYABLE, "not_connected")

    def test_only_texts_can_be_sent(self, sandbox: Handle) -> None:
        assert refused(outgoing("", kind="image")).code == "unsupported"


class TestWords:
    @pytest.mark.parametrize("code", sorted(CODES))
    def test_each_code_has_a_sentence_and_advice(self, code: int) -> None:
        found = provider(PROVIDER).explain(str(code))
        assert found is not None
        assert str(found.sentence).endswith(".")
        assert str(found.advice)

    def test_a_foreign_code_has_none(self) -> None:
        assert provider(PROVIDER).explain("131026") is None
        assert provider(PROVIDER).explain("not_connected") is None


class TestEvidence:
    """An answer that was lost: the account's list says what became of it."""

    def look(
        self,
        text: str = "Pedido 7",
        since: timedelta = timedelta(minutes=1),
        known: Collection[str] = (),
    ) -> Any:
        return provider(PROVIDER).look_up(
            credentials(), to=ANA, text=text, since=datetime.now(UTC) - since, known=known
        )

    def test_what_left_is_found(self, sandbox: Handle) -> None:
        arm(sandbox, "reset_after_read")
        refused(outgoing("Pedido 7"))
        assert self.look().external_id == ledger(sandbox)[0]["sid"]

    def test_what_never_left_is_not(self, sandbox: Handle) -> None:
        arm(sandbox, "reset_before_read")
        refused(outgoing("Pedido 7"))
        assert self.look() is None

    def test_another_text_person_number_or_time_is_no_evidence(self, sandbox: Handle) -> None:
        send(outgoing("Pedido 8"))
        send(outgoing("Pedido 7", to="5511900000000"))
        send(outgoing("Pedido 7"), credentials(DEMO_SMS_NUMBERS[1]))
        assert self.look() is None
        send(outgoing("Pedido 7"))
        assert self.look(since=timedelta(seconds=-60)) is None
        assert self.look() is not None

    def test_the_first_of_two_with_the_same_text_does_not_hide_the_second(
        self, sandbox: Handle
    ) -> None:
        send(outgoing("Pedido 7"))
        first = ledger(sandbox)[0]["sid"]
        arm(sandbox, "reset_after_read")
        refused(outgoing("Pedido 7"))
        both = {row["sid"] for row in ledger(sandbox)}
        assert {self.look(known={first}).external_id} == both - {first}
        assert self.look(known=both) is None

    @pytest.mark.parametrize("written", ["", "yesterday", None])
    def test_a_message_without_a_readable_time_is_no_answer(self, written: str | None) -> None:
        with pytest.raises(ProviderError):
            looking._created({"date_created": written})

    def test_a_message_without_a_name_is_no_evidence(self) -> None:
        row = {"direction": "outbound-api", "body": "Pedido 7", "from": credentials().number_id}
        assert looking._is_it({**row, "sid": "SM1"}, credentials(), "Pedido 7")
        assert not looking._is_it(row, credentials(), "Pedido 7")

    def test_twilio_away_is_no_answer(self, sandbox: Handle) -> None:
        arm(sandbox, "500_json")
        with pytest.raises(ProviderError):
            self.look()


def test_a_file_is_fetched_from_twilio_alone(sandbox: Handle) -> None:
    with pytest.raises(ProviderError) as caught:
        provider(PROVIDER).fetch_media(
            credentials(), "Messages/MM1/Media/ME1", io.BytesIO(), max_bytes=1000
        )
    assert caught.value.code == "media_gone"
