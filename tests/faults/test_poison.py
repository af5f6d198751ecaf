"""A10: a message that kills whoever takes it is taken out after five deaths; the others flow."""

from collections.abc import Callable

import pytest

from messaging.dispatch import failpoints
from messaging.enums import POISON_CRASHES, DispatchState
from messaging.models import Message
from sandbox.testing import Handle
from tests.faults import oracle, rig
from tests.faults.conftest import Campaign

SIZE = 300


@pytest.mark.faults
def test_a10_what_kills_its_senders_is_quarantined_and_the_others_flow(
    a_campaign: Callable[..., Campaign], sandbox: Handle
) -> None:
    campaign = a_campaign(SIZE, 1_000)
    poison = Message.objects.filter(stream=campaign.stream).order_by("pk")[SIZE // 2]
    env = rig.environment(sandbox, FAILPOINT=f"{failpoints.CLAIMED}:{poison.address}")
    deaths = 0
    while Message.objects.get(pk=poison.pk).dispatch != DispatchState.REJECTED:
        program = rig.scanner(env)
        with rig.running(program):
            rig.until(
                lambda program=program: (
                    program.process.poll() is not None or oracle.is_quiet(campaign.stream)
                ),
                90,
                "neither dead nor done",
            )
        deaths += program.process.returncode == 9
        assert deaths <= POISON_CRASHES

    assert deaths == POISON_CRASHES
    assert Message.objects.get(pk=poison.pk).code == "quarantined"
    assert len(rig.ledger(sandbox)) == SIZE - 1
    oracle.check(campaign.stream, rig.ledger(sandbox), planned=SIZE)
    oracle.settle(campaign.stream, campaign.connection, rig.ledger(sandbox))
