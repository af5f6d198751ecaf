"""What people do to runs."""

import pytest

from core.errors import Conflict
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
from webhooks.automations.enums import RunState
from webhooks.automations.models import Run
from webhooks.automations.services import running, runs


def test_a_run_that_is_stopped_does_nothing_more(company: Company) -> None:
    talk = a_talk()
    an_automation(wait_for("pix.paid", else_=[text("Lembrete")]))
    told("pix.created", talk.contact, order_id="7")
    hear()
    run = runs.stop(run=Run.objects.get())
    later()
    assert (sent_to(talk.contact), run.state, run.code) == ([], RunState.STOPPED, "by_hand")
    with pytest.raises(Conflict):
        runs.stop(run=run)


def test_a_run_is_gone_through_once_more_with_its_effects(company: Company) -> None:
    talk = a_talk()
    an_automation(text("Oi"))
    told("pix.created", talk.contact, order_id="7")
    hear()
    again = runs.run_again(run=Run.objects.get())
    running.run_due("")
    assert sent_to(talk.contact) == ["Oi", "Oi"]
    assert again.event_run > runs.BY_HAND
    assert runs.run_again(run=again).event_run == again.event_run + 1
