"""Twilio's callbacks: genuine by its own rules, and in our words."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from connections.providers.base import (
    FailureClass,
    InboundMessage,
    Malformed,
    NeutralItem,
    PreferenceUpdate,
    Receipt,
    Unknown,
)
from connections.providers.twilio_sms import inbound
from sandbox.twilio.callbacks import signature

SECRET = "12345"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SERVICE = "MG5a0d0b0c1e2f4a6b8c9d0e1f2a3b4c5d"
# The vectors of twilio-python's own tests (tests/unit/test_request_validator.py).
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}
EXPECTED = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
BODY = b'{"property": "value", "boolean": true}'
BODY_HASH = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"


def holds(body: bytes = urlencode(FORM).encode(), header: str = EXPECTED, url: str = URL) -> bool:
    return inbound.verify_signature(body, header, SECRET, url=url)


class TestSignature:
    def test_twilios_own_example(self) -> None:
        assert holds()

    @pytest.mark.parametrize(
        "url",
        [
            "https://mycompany.com:443/myapp.php?foo=1&bar=2",
            "https://mycompany.com:1234/myapp.php?foo=1&bar=2",
        ],
    )
    def test_a_port_more_or_less(self, url: str) -> None:
        assert holds(url=url)

    def test_a_body_that_is_no_form(self) -> None:
        url = f"{URL}&bodySHA256={BODY_HASH}"
        header = signature(url, {}, SECRET)
        assert holds(BODY, header, url)
        assert not holds(BODY + b" ", header, url)

    def test_an_address_that_only_looks_like_one_with_a_hash(self) -> None:
        assert not holds(b"A=1", EXPECTED, f"{URL}&xbodySHA256={BODY_HASH}")

    def test_a_field_that_is_empty_or_repeated(self) -> None:
        body = b"A=1&A=2&B=&C=%C3%A7"
        assert holds(body, signature(URL + "A1", {"A": "2", "B": "", "C": "ç"}, SECRET))

    @pytest.mark.parametrize(
        "changed",
        [
            {"header": EXPECTED[:-2] + "A="},
            {"header": "ç"},
            {"header": ""},
            {"url": "http://mycompany.com/myapp.php?foo=1&bar=2"},
            {"url": "https://mycompany.com/myapp.php?bar=2&foo=1"},
            {"url": "https://evil.example/myapp.php?foo=1&bar=2"},
            {"url": "https://mycompany.com:port/"},
            {"body": urlencode({**FORM, "Digits": "1235"}).encode()},
            {"body": b"\xff\xfe"},
            {"body": b"&".join(b"a%d=1" % index for index in range(500))},
        ],
    )
    def test_refuses_everything_else(self, changed: dict[str, Any]) -> None:
        assert not holds(**changed)

    def test_refuses_when_no_secret_is_set(self) -> None:
        header = signature(URL, FORM, "")
        body = urlencode(FORM).encode()
        assert not inbound.verify_signature(body, header, "", url=URL)


def kept(form: dict[str, str], *, query: str = "", **headers: str) -> Any:
    return inbound.keep(urlencode(form).encode(), query=query, headers=headers, at=NOON)


def read(form: dict[str, str], query: str = "") -> list[NeutralItem]:
    return inbound.parse(kept(form, query=query).body)


def written(**changed: str) -> dict[str, str]:
    form = {
        "AccountSid": "AC1",
        "MessageSid": "SM1",
        "SmsStatus": "received",
        "From": "+5511987654321",
        "To": "+5511940002000",
        "Body": "Oi, é a Ana & João",
        "NumMedia": "0",
    }
    return {**form, **changed}


def status(word: str, **changed: str) -> dict[str, str]:
    form = {
        "AccountSid": "AC1",
        "MessageSid": "SM1",
        "MessageStatus": word,
        "SmsStatus": word,
        "From": "+5511940002000",
        "To": "+5511987654321",
    }
    return {**form, **changed}


class TestTheSameAgain:
    def test_by_twilios_token(self) -> None:
        again = {"I-Twilio-Idempotency-Token": "t-1"}
        assert kept(status("sent"), **again).key == kept(status("delivered"), **again).key == b"t-1"

    def test_else_by_account_message_and_status(self) -> None:
        one = kept(status("sent")).key
        assert kept(status("sent", RawDlrDoneDate="2611211200")).key == one
        assert kept(status("delivered")).key != one
        assert kept(status("sent", MessageSid="SM2")).key != one


class TestMessages:
    def test_a_text(self) -> None:
        [item] = read(written())
        assert isinstance(item, InboundMessage)
        assert (item.number_id, item.account_id) == ("+5511940002000", "AC1")
        assert (item.external_id, item.kind) == ("SM1", "text")
        assert (item.content, item.at) == ({"text": "Oi, é a Ana & João"}, NOON)
        assert (item.identities.phone, item.identities.wa_id) == ("5511987654321", "")

    def test_through_a_service(self) -> None:
        [item] = read(written(), query=f"via={SERVICE}")
        assert item.number_id == SERVICE

    def test_files_are_named_by_their_place(self) -> None:
        url = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME"
        first, second = read(
            written(
                NumMedia="2",
                MediaUrl0=f"{url}1",
                MediaContentType0="image/jpeg",
                MediaUrl1=f"{url}2",
                MediaContentType1="application/pdf",
            )
        )
        assert isinstance(first, InboundMessage)
        assert isinstance(second, InboundMessage)
        assert (first.kind, first.content["caption"]) == ("image", "Oi, é a Ana & João")
        assert (second.kind, second.external_id) == ("document", "SM1/1")
        assert first.media is not None
        assert (first.media.external_id, first.media.mime) == (
            "Messages/MM1/Media/ME1",
            "image/jpeg",
        )

    def test_a_file_elsewhere_is_not_fetched(self) -> None:
        [item] = read(written(NumMedia="1", MediaUrl0="https://evil.example/x.jpg"))
        assert isinstance(item, InboundMessage)
        assert (item.kind, item.media) == ("text", None)

    @pytest.mark.parametrize(("word", "wish"), [("STOP", False), ("START", True)])
    def test_a_wish_that_twilio_understood(self, word: str, wish: bool) -> None:
        message, preference = read(written(Body="PARAR", OptOutType=word))
        assert isinstance(message, InboundMessage)
        assert isinstance(preference, PreferenceUpdate)
        assert message.wish_told
        assert (preference.marketing, preference.at) == (wish, NOON)
        assert preference.identities.phone == "5511987654321"

    def test_help_is_no_wish(self) -> None:
        [message] = read(written(OptOutType="HELP"))
        assert isinstance(message, InboundMessage)
        assert not message.wish_told


class TestReceipts:
    @pytest.mark.parametrize(
        ("word", "kind"),
        [
            ("queued", "accepted"),
            ("sending", "accepted"),
            ("sent", "sent"),
            ("delivered", "delivered"),
            ("read", "read"),
            ("undelivered", "failed"),
            ("failed", "failed"),
        ],
    )
    def test_words_of_twilio(self, word: str, kind: str) -> None:
        [item] = read(status(word))
        assert isinstance(item, Receipt)
        assert (item.kind, item.external_id, item.at) == (kind, "SM1", NOON)
        assert (item.number_id, item.recipient) == ("+5511940002000", "5511987654321")

    def test_the_evidence_in_our_address(self) -> None:
        [item] = read(status("sent"), query="mid=0199-key%3A2")
        assert isinstance(item, Receipt)
        assert (item.send_key, item.attempt) == ("0199-key", 2)

    def test_a_failure_says_what_it_means(self) -> None:
        [item] = read(status("undelivered", ErrorCode="30017"))
        assert isinstance(item, Receipt)
        assert (item.code, item.klass, item.retry_after) == ("30017", FailureClass.RETRYABLE, 600)

    def test_the_price(self) -> None:
        [item] = read(status("delivered", Price="-0.00750", PriceUnit="usd"))
        assert isinstance(item, Receipt)
        assert item.pricing == {
            "billable": True,
            "category": "sms",
            "amount": "0.00750",
            "currency": "USD",
        }


class TestOddities:
    def test_what_is_new_is_kept(self) -> None:
        [item] = read({"AccountSid": "AC1", "EventType": "onSomething"})
        assert isinstance(item, Unknown)

    @pytest.mark.parametrize("body", [b"", b"\xff", b"SmsStatus=received&From=1", b"{}"])
    def test_what_cannot_be_read_breaks_nothing(self, body: bytes) -> None:
        [item] = inbound.parse(body)
        assert isinstance(item, Malformed | Unknown)
