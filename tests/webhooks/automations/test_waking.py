"""Runs that wait are woken by what they wait for, and by nothing else."""

from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from core.ids import first_uuid7, uuid7
from events.models import Event
from tenants.models import Company
from tests.crm.factories import a_contact
from tests.webhooks.automations.factories import (
    a_talk,
    an_automation,
    hear,
    sent_to,
    text,
    told,
    wait_for,
)
from webhooks.automations import related
from webhooks.automations.enums import RunState
from webhooks.automations.happening import Happening
from webhooks.automations.models import Run


def test_another_order_of_the_same_person_is_another_matter(company: Company) -> None:
    talk = a_talk()
    an_automation(wait_for("pix.paid", then=[text("Obrigado")]))
    told("pix.created", talk.contact, order_id="7")
    hear()
    told("pix.paid", talk.contact, order_id="8")
    hear()
    assert (sent_to(talk.contact), Run.objects.get().state) == ([], RunState.WAITING)


def test_an_order_ties_events_that_name_nobody(company: Company) -> None:
    talk = a_talk()
    an_automation(wait_for("pix.paid", then=[text("Obrigado")]))
    told("pix.created", talk.contact, order_id="7")
    hear()
    told("pix.paid", None, order_id="7")
    hear()
    assert sent_to(talk.contact) == ["Obrigado"]


def test_without_an_order_the_contact_ties_them(company: Company) -> None:
    talk = a_talk()
    an_automation(wait_for("purchase.approved", then=[text("Obrigado")]), on=["lead.created"])
    told("lead.created", talk.contact)
    hear()
    told("purchase.approved", a_contact("Bia"), order_id="8")
    hear()
    assert sent_to(talk.contact) == []
    told("purchase.approved", talk.contact, order_id="9")
    hear()
    assert sent_to(talk.contact) == ["Obrigado"]


def test_a_reply_before_the_question_is_none(company: Company) -> None:
    from tests.conversations.factories import received

    talk = a_talk()
    an_automation(
        wait_for("message.received", then=[text("Um"), wait_for("message.received",
                                                              then=[text("Dois")])]),
        on=["lead.created"],
    )  # fmt: skip
    told("lead.created", talk.contact)
    hear()
    received(talk.thread.connection, "sim")
    hear()
    assert sent_to(talk.contact) == ["Um"]
    received(talk.thread.connection, "sim")
    hear()
    assert sent_to(talk.contact) == ["Um", "Dois"]


def test_two_shops_with_the_same_order_number_are_told_apart(company: Company) -> None:
    talk, shop, other = a_talk(), uuid7(), uuid7()
    an_automation(wait_for("pix.paid", then=[text("Obrigado")]))
    told("pix.created", talk.contact, order_id="1001", source_id=shop)
    hear()
    told("pix.paid", a_contact("Bia"), order_id="1001", source_id=other)
    hear()
    assert sent_to(talk.contact) == []
    told("pix.paid", a_contact("Quem pagou"), order_id="1001", source_id=shop)
    hear()
    assert sent_to(talk.contact) == ["Obrigado"]


def test_what_was_told_before_a_long_wait_is_not_forgotten(company: Company) -> None:
    talk, began = a_talk(), timezone.now() - timedelta(days=90)
    created = told("pix.created", talk.contact, order_id="7")
    told("pix.paid", None, order_id="7")
    Event.objects.filter(type="pix.paid").update(uid=first_uuid7(began + timedelta(hours=1)))
    happening = replace(Happening.of(created), at=began)
    found = related.came(happening, talk.contact.pk, ["pix.paid"], since=began, now=timezone.now())
    assert found is not None
