"""The door: what is stored, what is refused, and with which answer."""

import hashlib
import json
from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from core import scope
from tenants.enums import CompanyState
from tenants.models import Company, Route
from tests.webhooks import callbacks
from webhooks.ingress.models import Envelope

BODY = callbacks.envelope(callbacks.change(messages=[callbacks.text("wamid.1")]))


def envelopes() -> list[Envelope]:
    with scope.public():
        return list(Envelope.objects.all())


def test_a_signed_body_is_stored_byte_for_byte(address: str) -> None:
    answer = callbacks.post(address, BODY)

    [stored] = envelopes()
    assert answer.status_code == 200
    assert bytes(stored.body or b"") == BODY
    assert stored.sha256 == hashlib.sha256(BODY).hexdigest()


def test_the_same_bytes_again_only_count(address: str) -> None:
    for _ in range(3):
        assert callbacks.post(address, BODY).status_code == 200

    [stored] = envelopes()
    assert stored.seen == 3


def test_c2_the_signature_covers_the_raw_bytes_with_their_escapes(address: str) -> None:
    escaped = b'{"entry": [], "text": "\\u00e1\\ud83d\\ude00"}'
    again = json.dumps(json.loads(escaped), ensure_ascii=False).encode()

    refused = callbacks.post(
        address, escaped, **{"X-Hub-Signature-256": callbacks.signature(again)}
    )

    assert callbacks.post(address, escaped).status_code == 200
    assert refused.status_code == 403


ONE_OFF = f"{int(callbacks.signature(BODY)[-1], 16) ^ 1:x}"


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("", 401),
        ("sha256=", 403),
        ("sha1=" + callbacks.signature(BODY)[7:], 403),
        (callbacks.signature(BODY)[:-1] + ONE_OFF, 403),
        (callbacks.signature(BODY)[:-1] + "x", 403),
        (callbacks.signature(BODY, "another secret"), 403),
        (f"{callbacks.signature(BODY)},{callbacks.signature(BODY)}", 403),
    ],
    ids=["missing", "empty", "sha1", "one digit off", "no digit", "another secret", "two of them"],
)
def test_c1_a_wrong_signature_stores_nothing(address: str, header: str, status: int) -> None:
    answer = callbacks.post(address, BODY, **{"X-Hub-Signature-256": header})

    assert answer.status_code == status
    assert envelopes() == []


def test_an_unknown_address_is_not_found_even_when_signed(address: str) -> None:
    assert callbacks.post("/webhooks/meta/nobody/", BODY).status_code == 404
    assert Client().get("/webhooks/meta/nobody/").status_code == 404


def test_an_address_without_a_secret_is_closed(address: str) -> None:
    with scope.public():
        for route in Route.objects.all():
            route.secret = ""
            route.save()

    assert callbacks.post(address, BODY).status_code == 503


def test_c1_the_platform_app_is_closed_until_its_secret_is_set(db: None, settings: Any) -> None:
    settings.META_APP_SECRET = ""
    assert callbacks.post("/webhooks/meta/", BODY).status_code == 503

    settings.META_APP_SECRET = callbacks.SECRET
    assert callbacks.post("/webhooks/meta/", BODY).status_code == 200


def test_c8_more_than_four_mebibytes_is_refused(address: str) -> None:
    body = b'{"entry": []' + b" " * (4 * 1024 * 1024) + b"}"
    assert callbacks.post(address, body).status_code == 413
    assert envelopes() == []


def test_what_comes_for_a_deleted_company_is_kept_and_answered_gone(
    address: str, company: Company
) -> None:
    with scope.public():
        Company.objects.filter(pk=company.pk).update(state=CompanyState.DELETED)

    assert callbacks.post(address, BODY).status_code == 410
    assert len(envelopes()) == 1


def test_c10_the_handshake_echoes_the_challenge_as_plain_text(address: str) -> None:
    asked = {
        "hub.mode": "subscribe",
        "hub.verify_token": "let-me-in",
        "hub.challenge": "<script>1</script>",
    }
    answer = Client().get(address, asked)

    assert (answer.status_code, answer.content) == (200, b"<script>1</script>")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"hub.verify_token": "wrong"}, 403),
        ({"hub.mode": ""}, 403),
        ({"hub.challenge": "x" * 600}, 403),
    ],
)
def test_c10_a_wrong_handshake_is_refused(
    address: str, changed: dict[str, str], status: int
) -> None:
    asked = {
        "hub.mode": "subscribe",
        "hub.verify_token": "let-me-in",
        "hub.challenge": "1",
        **changed,
    }
    assert Client().get(address, asked).status_code == status


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"entry": "\\u0000"}',
        b'{"entry": [' + b"9" * 5000 + b"]}",
        b"\x1f\x8b" + b"\x00" * 100,
    ],
    ids=["empty", "no text", "deep", "nul", "large number", "gzip"],
)
def test_c8_weird_bodies_are_kept_and_answered(address: str, body: bytes) -> None:
    assert callbacks.post(address, body).status_code == 200
    [stored] = envelopes()
    assert bytes(stored.body or b"") == body


def test_a_callback_meets_nothing_that_is_for_people(address: str) -> None:
    answer = callbacks.post(address, BODY)

    assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not answer.cookies
    assert not set(answer.headers) & {"Content-Security-Policy", "Content-Language", "Vary"}


@pytest.mark.django_db
def test_what_is_no_callback_is_answered_like_any_page() -> None:
    assert Client().post("/webhooks/nowhere/", BODY, content_type="text/plain").status_code == 404
    assert Client().put("/webhooks/meta/", BODY, content_type="text/plain").status_code == 405


def test_a_changed_secret_counts_at_once(address: str) -> None:
    assert callbacks.post(address, BODY).status_code == 200  # and the address is remembered
    with scope.public():
        for route in Route.objects.all():
            route.secret = "another secret"
            route.save()

    other = callbacks.envelope(callbacks.change(messages=[callbacks.text("wamid.2")]))
    assert callbacks.post(address, other, secret="another secret").status_code == 200
    assert len(envelopes()) == 2


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Encoding": "gzip"}, 415),
        ({"Content-Encoding": "identity"}, 200),
        ({"Content-Length": "4194305"}, 413),
        ({"Content-Length": "nonsense"}, 403),
        ({"Content-Length": "-1"}, 403),
    ],
)
def test_c8_what_a_body_is_said_to_be(address: str, headers: dict[str, str], status: int) -> None:
    """What is packed or too long is refused unread; a length that is none means no body, whose
    signature does not hold."""
    assert callbacks.post(address, BODY, **headers).status_code == status
    assert len(envelopes()) == (status == 200)


def test_c8_a_body_in_chunks_is_read_to_its_end(address: str) -> None:
    answer = raw(address, BODY, HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="")
    assert answer.status_code == 200
    assert bytes(envelopes()[0].body or b"") == BODY

    endless = b" " * (4 * 1024 * 1024 + 1)
    answer = raw(address, endless, HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="")
    assert answer.status_code == 413


def test_c9_a_body_that_breaks_off_has_no_effect(address: str) -> None:
    half = BODY[: len(BODY) // 2]
    assert raw(address, half, CONTENT_LENGTH=len(BODY)).status_code == 400
    assert envelopes() == []


def raw(address: str, body: bytes, **environ: Any) -> Any:
    """Post bytes that are not what the headers say of them; they are signed as they are."""
    given = {"wsgi.input": BytesIO(body), **environ}
    headers = {"X-Hub-Signature-256": callbacks.signature(body)}
    return Client().generic("POST", address, body, "application/json", headers=headers, **given)
