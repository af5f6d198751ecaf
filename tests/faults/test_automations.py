"""A run whose worker is killed between its steps goes on behind the last one: each step once."""

import pytest
from django.db import connection

from messaging.models import Message
from sandbox.testing import Handle
from tenants.models import Company
from tests.faults import rig
from tests.webhooks.automations.factories import a_talk, an_automation, text, told
from webhooks.automations.enums import RunState
from webhooks.automations.models import Run, RunStep
from webhooks.automations.services.running import BETWEEN_STEPS


@pytest.mark.faults
def test_a_run_that_is_killed_between_steps_does_each_step_once(
    committed_company: Company, sandbox: Handle
) -> None:
    talk = a_talk()
    an_automation(text("Um"), text("Dois"), text("Três"))
    told("pix.created", talk.contact, order_id="7")

    env = rig.environment(sandbox)
    fatal = {**env, "FAILPOINT": BETWEEN_STEPS}
    for steps in (2, 3):  # the conditions' line is one of them
        dead = rig.scanner(fatal)
        with rig.running(dead):
            assert dead.process.wait(60) == 9, dead.output()[-2000:]
        assert RunStep.objects.count() == steps
    with rig.running(rig.scanner(env)):
        rig.until(lambda: Run.objects.filter(state=RunState.DONE).exists(), 60, "it does not go on")

    connection.close()
    sent = Message.objects.filter(contact=talk.contact, direction="out").order_by("id")
    assert [row.content["text"] for row in sent] == ["Um", "Dois", "Três"]
    assert RunStep.objects.count() == 4


@pytest.mark.faults
def test_an_event_that_is_told_again_after_a_kill_starts_nothing_twice(
    committed_company: Company, sandbox: Handle
) -> None:
    talk = a_talk()
    an_automation(text("Oi"), text("Tudo bem?"))
    told("pix.created", talk.contact, order_id="7")
    env = rig.environment(sandbox)
    dead = rig.scanner({**env, "FAILPOINT": BETWEEN_STEPS})
    with rig.running(dead):
        assert dead.process.wait(60) == 9, dead.output()[-2000:]
    from events.models import Delivery

    Delivery.objects.update(state="pending", attempts=0)
    with rig.running(rig.scanner(env)):
        rig.until(lambda: Run.objects.filter(state=RunState.DONE).exists(), 60, "it does not go on")
    connection.close()
    assert Message.objects.filter(contact=talk.contact, direction="out").count() == 2
    assert Run.objects.count() == 1
