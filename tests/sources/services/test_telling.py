"""Whom it is about, and what is done about them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from core import scope
from crm.enums import Channel
from crm.models import Consent, Contact
from crm.services import consents, contacts
from tenants.models import Company
from tests.sources import posting
from webhooks.ingress.services import envelopes
from webhooks.sources.models import Received, Source
from webhooks.sources.services import processing, sources


def codes() -> list[str]:
    return [step["code"] for step in posting.received().trace]


def test_what_is_no_phone_and_no_e_mail_is_said_and_left_out(
    company: Company, source: Source
) -> None:
    customer = {"name": "Ana", "phoneNumber": "999999999", "email": "ana@"}
    posting.post(source, {**posting.PIX, "customer": customer})
    posting.work(company)
    [event] = posting.told()
    assert (event.data["contact_id"], event.data["phone"]) == (None, "999999999")
    assert codes() == ["recognised", "bad_phone", "bad_email", "nobody", "told"]


def test_a_contact_that_is_there_is_found_and_keeps_its_name(
    company: Company, source: Source
) -> None:
    known = contacts.create_contact(name="Ana Maria", phone="(11) 98765-4321")
    posting.post(source, posting.PIX)
    posting.work(company)
    assert [event.data["contact_id"] for event in posting.told()] == [str(known.pk)]
    assert Contact.objects.get().name == "Ana Maria"


def test_a_no_of_the_persons_own_is_never_overruled(company: Company, source: Source) -> None:
    known = contacts.create_contact(phone="11987654321")
    consents.opt_out(contact=known, channel=Channel.WHATSAPP, source="keyword PARAR")
    sources.update_source(source=source, changes={"gives_opt_in": True})
    posting.post(source, posting.PIX)
    posting.work(company)
    assert Consent.objects.count() == 1
    assert "opted_out" in codes()


def test_an_agreement_is_written_down_once(company: Company, source: Source) -> None:
    sources.update_source(source=source, changes={"gives_opt_in": True})
    for number in ("1", "2"):
        posting.post(source, {**posting.PIX, "eventId": number})
    posting.work(company)
    assert Consent.objects.count() == 1


def test_the_same_bytes_are_the_same_event_for_a_day(company: Company) -> None:
    source = posting.a_source("custom")
    mapping = {"fields": {"email": "mail"}, "always": "lead.created"}
    sources.update_source(source=source, changes={"mapping": mapping})
    start = timezone.now() - timedelta(days=3)
    for hours in (0, 23, 49):
        posting.arrives(source, b'{"mail": "ana@example.com"}', at=start + timedelta(hours=hours))
    outcomes = Received.objects.order_by("received_at").values_list("outcome", flat=True)
    assert list(outcomes) == ["told", "repeated", "told"]


def test_what_comes_at_once_is_told_in_its_order_and_once(company: Company, source: Source) -> None:
    """Also of somebody who is new: the first of these posts makes them a contact."""
    for number, kind in (("1", "pix_created"), ("2", "pix_paid"), ("1", "pix_created")):
        posting.post(source, {**posting.PIX, "eventId": number, "eventType": kind, "n": number})
    posting.post(source, {**posting.PIX, "eventId": "1", "again": True})
    posting.work(company)
    contact = Contact.objects.get()
    assert [(event.type, event.data["contact_id"]) for event in posting.told()] == [
        ("pix.created", str(contact.pk)),
        ("pix.paid", str(contact.pk)),
    ]
    outcomes = Received.objects.order_by("received_at", "pk").values_list("outcome", flat=True)
    assert list(outcomes) == ["told", "told", "repeated"]


def test_the_steps_of_a_post_follow_the_things_that_it_says(
    company: Company, source: Source
) -> None:
    body = [{**posting.PIX, "eventId": number} for number in ("1", "2", "1")]
    posting.post(source, body)
    posting.work(company)
    steps = [(one["code"], one.get("position")) for one in posting.received().trace]
    assert steps == [
        ("recognised", None),
        *[("contact_created", 0), ("told", 0), ("contact_found", 1), ("told", 1), ("repeated", 2)],
    ]


def test_posts_of_people_who_are_known_cost_as_many_statements_together_as_one(
    company: Company, source: Source, django_assert_num_queries: Any
) -> None:
    bodies = [
        {**posting.PIX, "customer": {"name": "Ana", "phoneNumber": f"119876543{number}"}}
        for number in range(10, 22)
    ]
    for number, body in enumerate(bodies):
        posting.post(source, {**body, "eventId": f"first-{number}"})
    posting.work(company)
    for few in (bodies[:1], bodies):
        for number, body in enumerate(few):
            posting.post(source, {**body, "eventId": f"{len(few)}-{number}"})
        with scope.public():
            envelopes.split("")
        with django_assert_num_queries(23):
            processing.process("")
    assert len(posting.told()) == 25
