"""Whom it is about, and what is done about them."""

from datetime import timedelta

from django.utils import timezone

from crm.enums import Channel
from crm.models import Consent, Contact
from crm.services import consents, contacts
from tenants.models import Company
from tests.sources import posting
from webhooks.sources.models import Received, Source
from webhooks.sources.services import sources


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
