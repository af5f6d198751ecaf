"""Runs that wait are woken by what they wait for, and by nothing else."""

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
from webhooks.automations.enums import RunState
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
