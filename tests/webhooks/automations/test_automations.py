"""Drafts become versions, versions are switched on, and what is on is heard of."""

import pytest

from core.errors import Conflict, Invalid
from events.models import Interest
from tenants.models import Company
from tests.webhooks.automations.factories import (
    a_definition,
    a_talk,
    an_automation,
    hear,
    later,
    sent_to,
    text,
    told,
    wait_for,
)
from webhooks.automations.definition import empty
from webhooks.automations.enums import AutomationState, RunState, WhenOff
from webhooks.automations.models import Automation, Listener, Run
from webhooks.automations.services import automations


def heard() -> set[str]:
    rows = Interest.objects.filter(subscriber=automations.SUBSCRIBER)
    return set(rows.values_list("type", flat=True))


def test_a_draft_may_be_incomplete_but_is_not_published(company: Company) -> None:
    draft = automations.create(name="  PIX  reminder ", definition=empty())
    assert (draft.name, draft.state, draft.current) == ("PIX reminder", "draft", None)
    with pytest.raises(Invalid) as refused:
        automations.publish(automation=draft)
    assert set(refused.value.errors) == {"trigger", "steps"}
    with pytest.raises(Conflict):
        automations.switch_on(automation=draft)


def test_what_is_on_is_heard_with_what_its_runs_wait_for(company: Company) -> None:
    automation = an_automation(wait_for("pix.paid", then=[text("Obrigado")]))
    assert heard() == {"pix.created", "pix.paid"}
    automations.switch_off(automation=automation)
    assert heard() == set()
    assert not Listener.objects.exists()


def test_the_same_again_is_no_new_version(company: Company) -> None:
    automation = an_automation(text("Oi"))
    first = automations.publish(automation=automation)
    assert (first.number, automations.publish(automation=automation)) == (1, first)
    changed = a_definition(text("Olá"))
    automations.save_draft(automation=automation, definition=changed)
    assert automations.publish(automation=automation).number == 2


def test_runs_keep_the_version_that_they_began_with(company: Company) -> None:
    talk = a_talk()
    automation = an_automation(wait_for("pix.paid", else_=[text("Antes")]))
    told("pix.created", talk.contact, order_id="7")
    hear()
    automations.save_draft(automation=automation, definition=a_definition(text("Depois")))
    automations.publish(automation=automation)
    later()
    assert sent_to(talk.contact) == ["Antes"]


def test_another_trigger_is_heard_from_the_next_version_on(company: Company) -> None:
    automation = an_automation(text("Oi"))
    new = a_definition(text("Oi"), on=["cart.abandoned"])
    automations.save_draft(automation=automation, definition=new)
    assert heard() == {"pix.created"}
    automations.publish(automation=automation)
    assert heard() == {"cart.abandoned"}


@pytest.mark.parametrize(
    ("waiting", "texts", "state"),
    [(WhenOff.GO_ON, ["Lembrete"], RunState.DONE), (WhenOff.STOP, [], RunState.STOPPED)],
)
def test_switched_off_what_waits_goes_on_or_stops(
    company: Company, waiting: WhenOff, texts: list[str], state: RunState
) -> None:
    talk = a_talk()
    automation = an_automation(wait_for("pix.paid", else_=[text("Lembrete")]))
    told("pix.created", talk.contact, order_id="7")
    hear()
    automations.switch_off(automation=automation, waiting=waiting)
    told("pix.created", talk.contact, order_id="8")
    hear()
    later()
    assert sent_to(talk.contact) == texts
    assert Run.objects.get().state == state


def test_a_wait_that_goes_on_is_still_heard(company: Company) -> None:
    talk = a_talk()
    automation = an_automation(wait_for("pix.paid", then=[text("Obrigado")]))
    told("pix.created", talk.contact, order_id="7")
    hear()
    automations.switch_off(automation=automation)
    assert heard() == {"pix.paid"}


def test_a_copy_is_a_draft_of_its_own(company: Company) -> None:
    automation = an_automation(text("Oi"))
    copy = automations.duplicate(automation=automation)
    assert (copy.state, copy.draft) == (AutomationState.DRAFT, automation.current.definition)  # type: ignore[union-attr]


def test_a_former_version_comes_back_as_the_draft(company: Company) -> None:
    automation = an_automation(text("Oi"))
    first = automation.current
    assert first is not None
    automations.save_draft(automation=automation, definition=a_definition(text("Olá")))
    automations.publish(automation=automation)
    assert automations.restore(automation=automation, version=first).draft == first.definition


def test_deleting_stops_what_waits(company: Company) -> None:
    talk = a_talk()
    automation = an_automation(wait_for("pix.paid", else_=[text("Lembrete")]))
    told("pix.created", talk.contact, order_id="7")
    hear()
    automations.delete_automation(automation=automation)
    assert Run.objects.get().state == RunState.STOPPED
    assert Automation.objects.get().deleted_at is not None
