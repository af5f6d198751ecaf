"""Meta's callbacks, read tolerantly: everything healthy is kept whatever stands beside it."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from connections.providers.base import (
    FailureClass,
    Identities,
    InboundMedia,
    InboundMessage,
    Malformed,
    NumberUpdate,
    PreferenceUpdate,
    Receipt,
    TemplateUpdate,
    Unknown,
)
from connections.providers.whatsapp_cloud import inbound
from sandbox.accounts import DEMO_WABA
from tests.connections.factories import NUMBER, callback, message, written

AT = datetime(2025, 10, 9, 8, 53, 20, tzinfo=UTC)


def one(body: bytes) -> Any:
    items = inbound.parse(body)
    assert len(items) == 1
    return items[0]


def read(kind: str, **part: Any) -> InboundMessage:
    item = one(callback(written(message(kind, **part))))
    assert isinstance(item, InboundMessage)
    return item


class TestSignature:
    secret = "app-secret"
    body = b'{"entry": []}'

    def header(self, body: bytes) -> str:
        return "sha256=" + hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()

    def test_holds_over_exactly_these_bytes(self) -> None:
        assert inbound.verify_signature(self.body, self.header(self.body), self.secret)
        assert not inbound.verify_signature(self.body + b" ", self.header(self.body), self.secret)

    @pytest.mark.parametrize(
        "header", ["", "sha256=", "sha1=abc", "sha256=é", "sha256=" + "0" * 64]
    )
    def test_refuses_everything_else(self, header: str) -> None:
        assert not inbound.verify_signature(self.body, header, self.secret)

    def test_refuses_when_no_secret_is_set(self) -> None:
        empty = "sha256=" + hmac.new(b"", self.body, hashlib.sha256).hexdigest()
        assert not inbound.verify_signature(self.body, empty, "")


class TestHandshake:
    params = {"hub.mode": "subscribe", "hub.verify_token": "word", "hub.challenge": "4711"}

    def test_echoes_the_challenge(self) -> None:
        assert inbound.handshake(self.params, "word") == "4711"

    @pytest.mark.parametrize("token", ["", "other", "wörd"])
    def test_refuses_another_token(self, token: str) -> None:
        assert inbound.handshake(self.params, token) is None

    def test_refuses_another_mode(self) -> None:
        assert inbound.handshake({**self.params, "hub.mode": "unsubscribe"}, "word") is None


class TestMessages:
    def test_text_with_all_it_brings(self) -> None:
        item = read(
            "text",
            text={"body": "Oi"},
            context={"id": "wamid.0", "forwarded": True},
            from_user_id="BR.77",
        )
        assert item.identities == Identities("5511987654321", "BR.77", "5511987654321")
        assert (item.number_id, item.account_id, item.external_id) == (NUMBER, DEMO_WABA, "wamid.1")
        assert (item.kind, item.content, item.at) == ("text", {"text": "Oi"}, AT)
        assert (item.profile_name, item.reply_to, item.forwarded) == ("Ana", "wamid.0", True)

    def test_the_ad_it_came_from_is_kept(self) -> None:
        item = read("text", text={"body": "Oi"}, referral={"source_type": "ad", "source_id": "9"})
        assert item.content["referral"] == {"source_type": "ad", "source_id": "9"}

    @pytest.mark.parametrize(
        ("kind", "part", "content", "media"),
        [
            (
                "image",
                {"id": "1", "mime_type": "image/jpeg", "caption": "Olha", "sha256": "AA" * 32},
                {"caption": "Olha"},
                InboundMedia("1", "image/jpeg", "aa" * 32),
            ),
            ("audio", {"id": "2", "voice": True}, {}, InboundMedia("2", voice=True)),
            ("video", {"id": "3"}, {"caption": ""}, InboundMedia("3")),
            (
                "document",
                {"id": "4", "filename": "nota.pdf"},
                {"caption": ""},
                InboundMedia("4", filename="nota.pdf"),
            ),
            ("sticker", {"id": "5", "animated": True}, {}, InboundMedia("5", animated=True)),
        ],
    )
    def test_files(self, kind: str, part: Any, content: Any, media: InboundMedia) -> None:
        item = read(kind, **{kind: part})
        assert (item.kind, item.content, item.media) == (kind, content, media)

    def test_a_digest_in_base64_becomes_hex(self) -> None:
        digest = bytes(range(32))
        item = read("image", image={"id": "1", "sha256": base64.b64encode(digest).decode()})
        assert item.media is not None
        assert item.media.sha256 == digest.hex()

    @pytest.mark.parametrize(
        ("kind", "part", "content"),
        [
            (
                "location",
                {"latitude": -23.5, "longitude": "-46.6", "name": "Sé"},
                {"latitude": -23.5, "longitude": -46.6, "name": "Sé", "address": ""},
            ),
            ("button", {"text": "Sim", "payload": "yes"}, {"text": "Sim", "payload": "yes"}),
            ("reaction", {"message_id": "w", "emoji": "👍"}, {"emoji": "👍", "target": "w"}),
            ("reaction", {"message_id": "w"}, {"emoji": "", "target": "w"}),
            (
                "interactive",
                {"type": "button_reply", "button_reply": {"id": "b", "title": "Sim"}},
                {"type": "button", "id": "b", "text": "Sim"},
            ),
            (
                "interactive",
                {"type": "list_reply", "list_reply": {"id": "r", "title": "P", "description": "d"}},
                {"type": "list", "id": "r", "text": "P", "description": "d"},
            ),
            (
                "interactive",
                {"nfm_reply": {"name": "flow", "body": "Sent", "response_json": '{"a":1}'}},
                {"type": "form", "id": "flow", "text": "Sent", "data": {"a": 1}},
            ),
            (
                "system",
                {"body": "Ana changed", "type": "user_changed_number", "wa_id": "5511900000000"},
                {"text": "Ana changed", "type": "user_changed_number", "wa_id": "5511900000000"},
            ),
        ],
    )
    def test_other_kinds(self, kind: str, part: Any, content: Any) -> None:
        item = read(kind, **{kind: part})
        assert (item.kind, item.content) == (kind, content)

    def test_contact_cards(self) -> None:
        card = {
            "name": {"formatted_name": "Bia"},
            "phones": [{"phone": "+55 11 9", "wa_id": "5511"}],
            "emails": [{"email": "b@x.br"}],
        }
        assert read("contacts", contacts=[card]).content["contacts"] == [
            {
                "name": "Bia",
                "phones": [{"phone": "+55 11 9", "wa_id": "5511"}],
                "emails": ["b@x.br"],
                "company": "",
            }
        ]

    @pytest.mark.parametrize("kind", ["order", "poll_creation", "", "unsupported"])
    def test_a_kind_without_a_word_of_ours_is_kept_whole(self, kind: str) -> None:
        item = read(kind, order={"n": 1}, errors=[{"code": 131051, "title": "Unsupported"}])
        assert item.kind == "unknown"
        assert item.content["type"] == kind
        assert item.content["raw"]["order"] == {"n": 1}
        assert item.content["errors"] == [{"code": "131051", "title": "Unsupported"}]

    def test_a_person_known_by_the_business_scoped_id_alone(self) -> None:
        bare = message("text", text={"body": "Oi"}, from_user_id="BR.88")
        del bare["from"]
        contact = {"user_id": "BR.88", "profile": {"username": "bia"}}
        item = one(callback(written(bare, contacts=[contact])))
        assert item.identities == Identities(bsuid="BR.88")
        assert item.profile_name == "bia"

    def test_nobody_is_taken_for_another_person_of_the_batch(self) -> None:
        item = one(callback(written(message("text", text={"body": "Oi"}, **{"from": "5521"}))))
        assert item.identities == Identities("5521", "", "5521")
        assert item.profile_name == ""

    def test_contacts_may_be_missing(self) -> None:
        item = one(callback(written(message("text", text={"body": "Oi"}), contacts=None)))
        assert item.identities.wa_id == "5511987654321"


class TestStatuses:
    def status(self, **changed: Any) -> dict[str, Any]:
        item = {
            "id": "wamid.9",
            "status": "delivered",
            "timestamp": "1760000000",
            "recipient_id": "5511987654321",
            "recipient_user_id": "BR.77",
            "biz_opaque_callback_data": "0199-key:2",
            "pricing": {"category": "utility"},
        }
        return {**item, **changed}

    def receipt(self, **changed: Any) -> Receipt:
        item = one(callback(written(statuses=[self.status(**changed)], messages=None)))
        assert isinstance(item, Receipt)
        return item

    def test_a_receipt_brings_the_evidence_back(self) -> None:
        item = self.receipt()
        assert (item.external_id, item.kind, item.at) == ("wamid.9", "delivered", AT)
        assert (item.send_key, item.attempt) == ("0199-key", 2)
        assert (item.recipient, item.recipient_bsuid) == ("5511987654321", "BR.77")
        assert item.pricing == {"category": "utility"}

    @pytest.mark.parametrize(
        ("opaque", "expected"), [("key", ("key", 1)), (None, (None, 1)), ("", (None, 1))]
    )
    def test_both_forms_of_the_evidence(self, opaque: Any, expected: Any) -> None:
        item = self.receipt(biz_opaque_callback_data=opaque)
        assert (item.send_key, item.attempt) == expected

    def test_a_failure_says_what_it_means(self) -> None:
        error = {"code": 131050, "title": "Stopped", "error_data": {"details": "By user."}}
        item = self.receipt(status="failed", errors=[error])
        assert (item.code, item.detail) == ("131050", "Stopped: By user.")
        assert item.klass == FailureClass.OPTED_OUT

    def test_a_word_we_do_not_know_is_kept(self) -> None:
        assert self.receipt(status="warning").kind == "warning"


class TestAccounts:
    def test_a_template_is_refused_with_its_reason(self) -> None:
        value = {
            "event": "REJECTED",
            "message_template_id": 77,
            "message_template_name": "oferta",
            "message_template_language": "pt_BR",
            "reason": "SCAM",
        }
        item = one(callback(value, field="message_template_status_update"))
        assert isinstance(item, TemplateUpdate)
        assert (item.external_id, item.name, item.language) == ("77", "oferta", "pt_BR")
        assert (item.status, item.reason) == ("REJECTED", "SCAM")

    @pytest.mark.parametrize(
        ("event", "status"),
        [("APPROVED", "APPROVED"), ("DELETED", "REMOVED"), ("SOMETHING_NEW", "DISABLED")],
    )
    def test_events_in_our_words(self, event: str, status: str) -> None:
        item = one(callback({"event": event}, field="message_template_status_update"))
        assert item.status == status

    def test_quality_and_category(self) -> None:
        quality = {"new_quality_score": "RED", "message_template_id": 1}
        category = {"new_category": "MARKETING", "message_template_id": 1}
        assert one(callback(quality, field="message_template_quality_update")).quality == "RED"
        assert one(callback(category, field="template_category_update")).category == "MARKETING"

    def test_a_number_is_flagged(self) -> None:
        value = {
            "display_phone_number": "551140001000",
            "event": "FLAGGED",
            "current_limit": "TIER_1K",
        }
        item = one(callback(value, field="phone_number_quality_update"))
        assert isinstance(item, NumberUpdate)
        assert (item.display_number, item.quality, item.tier) == ("551140001000", "RED", "TIER_1K")

    @pytest.mark.parametrize(
        ("value", "stopped"),
        [
            ({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}}, "131031"),
            ({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}}, ""),
            ({"event": "ACCOUNT_DELETED"}, "33"),
            ({"event": "VERIFIED_ACCOUNT"}, None),
        ],
    )
    def test_an_account_is_banned_or_free_again(self, value: Any, stopped: str | None) -> None:
        assert one(callback(value, field="account_update")).stopped == stopped

    def test_a_person_stops_marketing(self) -> None:
        preference = {
            "wa_id": "5511987654321",
            "category": "marketing_messages",
            "value": "stop",
            "timestamp": 1760000000,
        }
        value = written(user_preferences=[preference], messages=None)
        item = one(callback(value, field="user_preferences"))
        assert isinstance(item, PreferenceUpdate)
        assert (item.identities.wa_id, item.marketing, item.at) == ("5511987654321", False, AT)

    def test_a_field_we_do_not_treat_is_kept(self) -> None:
        item = one(callback({"x": 1}, field="history"))
        assert (type(item), item.topic, item.account_id) == (Unknown, "history", DEMO_WABA)


class TestDamage:
    def test_one_broken_piece_never_drops_the_others(self) -> None:
        good = message("text", text={"body": "Oi"})
        broken = [None, {"type": "text"}, message("location", location={"latitude": "x"})]
        timeless = {"id": "wamid.2", "status": "read", "timestamp": "soon"}
        value = written(good, *broken, statuses=[timeless, {"status": "read"}])
        kinds = [type(item) for item in inbound.parse(callback(value, written(good)))]
        assert kinds == [InboundMessage, *[Malformed] * 5, InboundMessage]

    @pytest.mark.parametrize(
        "body", [b"", b"{", b"[]", b"null", b'{"entry": 1}', b'{"entry": [1]}', b"\xff\xfe"]
    )
    def test_what_is_no_callback_is_one_malformed_item(self, body: bytes) -> None:
        assert [type(item) for item in inbound.parse(body)] == [Malformed]

    @pytest.mark.parametrize(
        ("written_as", "read_as"),
        [
            (rb"oi \ud83d fim", "oi ? fim"),  # half of an emoji
            (rb"oi \ud83d\ude00", "oi 😀"),
            (b"oi \xff", "oi \ufffd"),
            (rb"o\u0000\u0000i", "oi"),
            (rb"\\u0000", "\\u0000"),  # a backslash and letters
            (rb"\\\u0000", "\\"),
        ],
    )
    def test_what_is_no_character_spoils_nothing(self, written_as: bytes, read_as: str) -> None:
        body = callback(written(message("text", text={"body": "BODY"}), message("text")))
        first, second = inbound.parse(body.replace(b"BODY", written_as))
        assert isinstance(first, InboundMessage)
        assert isinstance(second, InboundMessage)
        assert first.content["text"] == read_as

    def test_a_callback_nested_without_end_is_malformed(self) -> None:
        assert isinstance(one(b"[" * 100_000), Malformed)

    def test_lists_that_are_none(self) -> None:
        items = inbound.parse(callback(written(messages={"a": 1}, statuses="x")))
        assert [type(item) for item in items] == [Malformed, Malformed]

    def test_an_empty_change_is_kept(self) -> None:
        value = written(errors=[{"code": 131052}])
        assert [type(item) for item in inbound.parse(callback(value))] == [Unknown]

    def test_any_json_is_read_without_an_exception(self) -> None:
        values: list[Any] = [None, 1, "x", [], {}, [None], {"a": []}, True]
        for key in ("messages", "statuses", "contacts", "metadata", "user_preferences"):
            for value in values:
                for field in ("messages", "user_preferences", "account_update"):
                    inbound.parse(callback({**written(message()), key: value}, field=field))

    def test_entries_of_several_accounts_keep_their_own(self) -> None:
        body = orjson.loads(callback(written(message("text", text={"body": "Oi"}))))
        body["entry"].append({**body["entry"][0], "id": "other"})
        items = inbound.parse(orjson.dumps(body))
        assert [item.account_id for item in items] == [DEMO_WABA, "other"]
