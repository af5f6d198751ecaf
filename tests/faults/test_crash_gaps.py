"""Death in the two gaps around the wire: both are unknown, and only evidence tells them apart."""

from collections.abc import Callable

import pytest

from messaging.dispatch import failpoints
from messaging.enums import DispatchState
from messaging.models import Message
from sandbox.testing import Handle
from tests.faults import oracle, rig
from tests.faults.conftest import Campaign


def die_at(campaign: Campaign, sandbox: Handle, failpoint: str) -> None:
    """Let the sender die at a place; then let a whole one see to what is left."""
    program = rig.scanner(rig.environment(sandbox, FAILPOINT=failpoint))
    assert program.process.wait(30) == 9, program.output()[-2000:]
    with rig.running(rig.scanner(rig.environment(sandbox))):
        rig.until(lambda: oracle.is_quiet(campaign.stream), 40, "it did not recover")


@pytest.mark.faults_short
def test_accepted_but_not_recorded_is_settled_by_receipts(
    a_campaign: Callable[..., Campaign], sandbox: Handle
) -> None:
    campaign = a_campaign(20, 1_000)
    die_at(campaign, sandbox, failpoints.BEFORE_RECORD)

    assert len(rig.ledger(sandbox)) == 20
    assert oracle.unknown(campaign.stream) == 20
    oracle.check(campaign.stream, rig.ledger(sandbox), planned=20)
    oracle.settle(campaign.stream, campaign.connection, rig.ledger(sandbox))
    assert Message.objects.filter(dispatch=DispatchState.ACCEPTED).count() == 20


@pytest.mark.faults
def test_marked_as_sending_but_never_sent_becomes_unconfirmed(
    a_campaign: Callable[..., Campaign], sandbox: Handle
) -> None:
    campaign = a_campaign(20, 1_000)
    die_at(campaign, sandbox, failpoints.BEFORE_WIRE)

    assert rig.ledger(sandbox) == []
    assert oracle.unknown(campaign.stream) == 20
    oracle.settle(campaign.stream, campaign.connection, [])
    assert Message.objects.filter(dispatch=DispatchState.UNCONFIRMED).count() == 20
