"""Runs: what a step does and its line commit together, waits are rows, nothing is done twice."""

from tenants.models import Company
from tests.webhooks.automations.factories import (
    a_talk,
    an_automation,
    hear,
    later,
    sent_to,
    text,
    told,
    wait_for,
)
from webhooks.automations.enums import Outcome, RunState
from webhooks.automations.models import Run


def test_an_event_sends_a_text_with_its_values(company: Company) -> None:
    talk = a_talk()
    an_automation(text("Oi {{contact.first_name}}, o código é {{event.pix_code}}"))
    told("pix.created", talk.contact, order_id="7", pix_code="000201")
    hear()
    assert sent_to(talk.contact) == ["Oi Ana, o código é 000201"]
    run = Run.objects.get()
    assert (run.state, [step.outcome for step in run.steps.all()]) == (
        RunState.DONE,
        [Outcome.HELD, Outcome.DONE],
    )


def test_the_same_event_again_does_nothing(company: Company) -> None:
    talk = a_talk()
    an_automation(text("Oi"))
    told("pix.created", talk.contact, order_id="7")
    hear()
    from events.models import Delivery

    Delivery.objects.update(state="pending", attempts=0)
    hear()
    assert sent_to(talk.contact) == ["Oi"]


def test_who_pays_in_time_is_not_reminded(company: Company) -> None:
    talk = a_talk()
    an_automation(wait_for("pix.paid", then=[text("Obrigado")], else_=[text("Lembrete")]))
    told("pix.created", talk.contact, order_id="7")
    hear()
    assert sent_to(talk.contact) == []
    told("pix.paid", talk.contact, order_id="7")
    hear()
    assert sent_to(talk.contact) == ["Obrigado"]
    later()
    assert sent_to(talk.contact) == ["Obrigado"]


def test_who_does_not_pay_is_reminded(company: Company) -> None:
    talk = a_talk()
    an_automation(wait_for("pix.paid", then=[text("Obrigado")], else_=[text("Lembrete")]))
    told("pix.created", talk.contact, order_id="7")
    hear()
    later()
    assert sent_to(talk.contact) == ["Lembrete"]


def test_what_came_before_counts(company: Company) -> None:
    talk = a_talk()
    an_automation(wait_for("pix.paid", then=[text("Obrigado")], else_=[text("Lembrete")]))
    told("pix.paid", talk.contact, order_id="7")
    told("pix.created", talk.contact, order_id="7")
    hear()
    assert sent_to(talk.contact) == ["Obrigado"]
