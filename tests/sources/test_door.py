"""The address of a source: what is stored, what is refused, and what it becomes."""

import json

import pytest

from core import scope
from crm.models import Contact, Tag
from tenants.models import Company
from tests.sources import posting
from tests.webhooks.automations.factories import a_step, an_automation, hear
from webhooks.automations.models import Run
from webhooks.ingress import addresses
from webhooks.ingress.models import Envelope
from webhooks.sources import verification
from webhooks.sources.enums import Outcome, ReceivedState, Scheme
from webhooks.sources.models import Received, Source
from webhooks.sources.services import sources


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    addresses._remembered.clear()


def envelopes() -> int:
    with scope.public():
        return Envelope.objects.count()


def test_a_post_becomes_an_event_with_its_contact(company: Company, source: Source) -> None:
    answer = posting.post(source, posting.PIX)
    posting.work(company)

    [event] = posting.told()
    contact = Contact.objects.get()
    kept = posting.received()
    assert answer.status_code == 200
    assert (event.type, event.data["amount"]) == ("pix.created", 9750)
    assert event.data["contact_id"] == str(contact.pk)
    assert event.data["pix_code"] == posting.PIX["qrCode"]
    assert event.data["received_id"] == str(kept.pk)
    assert contact.name == "Ana Souza"
    assert (kept.state, kept.outcome) == (ReceivedState.PROCESSED, Outcome.TOLD)
    source.refresh_from_db()
    assert source.last_received_at is not None


def test_the_bytes_come_back_as_they_came(company: Company, source: Source) -> None:
    raw = b'{ "text" : "\\u00e1\\ud83d\\ude00",\n "n": 1.0 }'
    posting.post(source, raw)
    posting.work(company)
    assert bytes(posting.received().raw) == raw


def test_the_same_event_in_three_shapes_is_told_once(company: Company, source: Source) -> None:
    an_automation(a_step("wait", **{"for": {"amount": 1, "unit": "days"}}))
    flat = {
        "event_type": "pix_created", "event_id": posting.PIX["eventId"], "name": "Ana Souza",
        "phone": "11987654321", "total": "97,50",
    }  # fmt: skip
    nested = {"eventType": "pix_created", "payload": posting.PIX}
    for body in (posting.PIX, flat, nested, [posting.PIX]):
        posting.post(source, body)
    posting.work(company)
    hear()

    assert [event.type for event in posting.told()] == ["pix.created"]
    assert Run.objects.count() == 1
    outcomes = Received.objects.order_by("received_at", "pk").values_list("outcome", flat=True)
    assert list(outcomes) == ["told", "repeated", "repeated", "repeated"]


def test_a_list_tells_each_of_its_things(company: Company, source: Source) -> None:
    paid = {**posting.PIX, "eventType": "pix_paid", "eventId": "other"}
    posting.post(source, {"events": [posting.PIX, paid]})
    posting.work(company)
    assert [event.type for event in posting.told()] == ["pix.created", "pix.paid"]


def test_one_person_with_and_without_the_ninth_digit(company: Company, source: Source) -> None:
    old = {**posting.PIX, "eventId": "2", "customer": {"phone": "+551187654321"}}
    posting.post(source, posting.PIX)
    posting.post(source, old)
    posting.work(company)
    assert Contact.objects.count() == 1


def test_the_same_bytes_without_an_id_are_one_event_a_day(company: Company) -> None:
    source = posting.a_source("custom")
    sources.update_source(
        source=source, changes={"mapping": {"fields": {"email": "mail"}, "always": "lead.created"}}
    )
    for _ in range(3):
        posting.post(source, {"mail": "ana@example.com"})
    posting.work(company)
    assert [event.type for event in posting.told()] == ["lead.created"]


def test_the_same_order_under_another_topic_is_another_post(company: Company) -> None:
    source = posting.a_source("shopify", secret="s")
    body = {"id": 1, "email": "ana@example.com", "financial_status": "paid"}
    for topic, request_id in (("orders/create", "1"), ("orders/paid", "2"), ("orders/paid", "3")):
        raw = json.dumps(body).encode()
        signature = verification.sign(source.verification, "s", raw)
        headers = {"X-Shopify-Topic": topic, "X-Request-Id": request_id}
        headers[source.verification["header"]] = signature
        assert posting.post(source, raw, **headers).status_code == 200
    assert envelopes() == 2


def test_an_unknown_address_is_not_found(company: Company, source: Source) -> None:
    source.token = "nobody"
    assert posting.post(source, posting.PIX).status_code == 404
    assert envelopes() == 0


def test_a_source_that_is_switched_off_takes_nothing(company: Company, source: Source) -> None:
    assert posting.post(source, {"a": 1}).status_code == 200
    sources.switch(source=source, is_active=False)
    addresses._remembered.clear()
    assert posting.post(source, {"a": 2}).status_code == 403
    sources.switch(source=source, is_active=True)
    assert posting.post(source, {"a": 3}).status_code == 200
    assert envelopes() == 2


def test_a_deleted_source_is_gone(company: Company, source: Source) -> None:
    sources.delete_source(source=source)
    assert posting.post(source, posting.PIX).status_code == 410
    assert envelopes() == 0


def test_a_wrong_signature_stores_nothing(company: Company) -> None:
    source = posting.a_source("custom", scheme=Scheme.HEADER, secret="s3cret")
    assert posting.post(source, posting.PIX).status_code == 401
    assert posting.post(source, posting.PIX, **{"X-Secret": "wrong"}).status_code == 401
    assert envelopes() == 0
    assert posting.post(source, posting.PIX, **{"X-Secret": "s3cret"}).status_code == 200


def test_a_new_secret_holds_at_once(company: Company) -> None:
    source = posting.a_source("custom", scheme=Scheme.HEADER, secret="old")
    assert posting.post(source, {"a": 1}, **{"X-Secret": "old"}).status_code == 200
    sources.renew_secret(source=source, secret="new")
    assert posting.post(source, {"a": 2}, **{"X-Secret": "new"}).status_code == 200


def test_too_much_is_refused_and_not_stored(company: Company, source: Source) -> None:
    assert posting.post(source, b"x" * (4 * 1024 * 1024 + 1)).status_code == 413
    assert envelopes() == 0


def test_tags_and_the_agreement_are_given(company: Company, source: Source) -> None:
    changes = {"tags": ["pix"], "gives_opt_in": True, "opt_in_source": "checkout"}
    sources.update_source(source=source, changes=changes)
    posting.post(source, posting.PIX)
    posting.work(company)

    contact = Contact.objects.get()
    assert list(
        Tag.objects.filter(contact_tags__contact=contact).values_list("name", flat=True)
    ) == ["pix"]
    assert contact.consents.get().source == "checkout"


def test_a_source_may_know_contacts_and_create_none(company: Company, source: Source) -> None:
    sources.update_source(source=source, changes={"creates_contacts": False})
    posting.post(source, posting.PIX)
    posting.work(company)
    [event] = posting.told()
    assert (event.data["contact_id"], event.data["phone"]) == (None, "+5511987654321")
    assert not Contact.objects.exists()
