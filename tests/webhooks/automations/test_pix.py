"""The ready-made flows, and PIX events in any order and number: exactly the right messages."""

import itertools

import pytest
from django.db import transaction
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import scope
from tenants.models import Company
from tests.messaging.factories import a_template
from tests.webhooks.automations.factories import (
    a_talk,
    an_automation,
    hear,
    later,
    sent_to,
    told,
    wait_for,
)
from tests.webhooks.automations.factories import text as a_text
from webhooks.automations import definition, ready_made
from webhooks.automations.models import Automation, Run
from webhooks.automations.services import automations

EVENTS = ("pix.created", "pix.paid", "pix.expired")


def with_templates(automation: Automation, template: str) -> Automation:
    """The places that the draft leaves open, filled."""
    for step in definition.steps_of(automation.draft):
        if step["kind"] == "send_template":
            step["params"].update(template=template, values={"1": "a", "2": "b"})
    return automations.save_draft(automation=automation, definition=automation.draft)


@pytest.mark.parametrize("slug", ready_made.READY_MADE)
@pytest.mark.parametrize("language", ["en", "pt-br"])
def test_a_ready_made_lacks_nothing_but_its_templates(
    company: Company, slug: str, language: str
) -> None:
    with translation.override(language):
        made = ready_made.create(slug=slug)
    lacking = {place.rsplit(".", 1)[-1] for place in definition.problems(made.draft)}
    assert lacking == {"template"}
    template = a_template(a_talk().thread.connection)
    automations.publish(automation=with_templates(made, str(template.pk)))


@pytest.mark.parametrize("slug", ready_made.READY_MADE)
def test_a_ready_made_sends_texts_only_where_the_window_was_asked_for(
    company: Company, slug: str
) -> None:
    draft = ready_made.create(slug=slug).draft
    asked = [
        step["id"]
        for branch in definition.steps_of(draft)
        if branch["kind"] == "branch" and branch["if"]["items"][0]["kind"] == "window"
        for step in branch["then"]
    ]
    texts = [one["id"] for one in definition.steps_of(draft) if one["kind"] == "send_text"]
    assert sorted(asked) == sorted(texts)


def test_the_pix_flow_reminds_with_the_code_and_thanks(company: Company) -> None:
    talk = a_talk()
    template = a_template(talk.thread.connection)
    made = with_templates(ready_made.create(slug="pix"), str(template.pk))
    automations.publish(automation=made)
    automations.switch_on(automation=made)
    told("pix.created", talk.contact, order_id="7", pix_code="000201PIX")
    hear()
    assert sent_to(talk.contact) == []
    later()
    assert sent_to(talk.contact)[-1].endswith("000201PIX")
    told("pix.paid", talk.contact, order_id="7")
    hear()
    assert len(sent_to(talk.contact)) == 3
    told("pix.expired", talk.contact, order_id="7")
    hear()
    later()
    assert len(sent_to(talk.contact)) == 3


def test_every_order_of_what_is_told_before_anybody_listens(company: Company) -> None:
    talk = a_talk()
    an_automation(_flow())
    for number, events in enumerate(itertools.permutations(EVENTS)):
        for name in events:
            told(name, talk.contact, order_id=str(number))
    hear()
    assert sent_to(talk.contact) == ["Obrigado"] * 6


def _flow() -> dict:
    return wait_for(
        "pix.paid",
        then=[a_text("Obrigado")],
        else_=[
            a_text("Lembrete"),
            wait_for("pix.paid", then=[a_text("Obrigado")], else_=[a_text("Oferta")], minutes=60),
        ],
    )


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from([*EVENTS, "again", "pass"]), min_size=1, max_size=7))
def test_exactly_the_right_messages(aurora: Company, script: list[str]) -> None:
    """Events of one order, duplicates and the passing of time, in any order.

    Thanks once if it was paid before the run ended; a reminder if it was not paid by the first
    time; an offer if it was not by the second; and nothing for what was never created.
    """
    with scope.opened(aurora), scope.surroundings(aurora):
        mark = transaction.savepoint()
        try:
            _holds(script)
        finally:
            transaction.savepoint_rollback(mark)


def _holds(script: list[str]) -> None:
    talk = a_talk()
    an_automation(_flow())
    is_paid, is_created, passed = False, False, 0
    expected: list[str] = []
    last = "pix.created"
    for word in [*script, "pass", "pass"]:
        if word == "pass":
            later()
            if is_created and passed < 2 and "Obrigado" not in expected:
                expected.append(["Lembrete", "Oferta"][passed])
                passed += 1
            continue
        name = last if word == "again" else word
        last = name
        told(name, talk.contact, order_id="7")
        hear()
        is_paid = is_paid or name == "pix.paid"
        is_created = is_created or name == "pix.created"
        if is_created and is_paid and passed < 2 and "Obrigado" not in expected:
            expected.append("Obrigado")
    assert sent_to(talk.contact) == expected
    assert Run.objects.count() == int(is_created)
