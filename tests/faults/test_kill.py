"""kill -9 in the middle of a campaign: nobody lost, nobody twice, the unclear ones visible."""

from collections.abc import Callable

import pytest
from django.conf import settings

from sandbox.testing import Handle
from tests.faults import oracle, rig
from tests.faults.conftest import Campaign


def kill_while_sending(campaign: Campaign, sandbox: Handle, *, kills: int, seconds: float) -> None:
    """Kill the sender `kills` times, each after some of the messages left; then let it finish."""
    env = rig.environment(sandbox)
    for number in range(1, kills + 1):
        target = campaign.size * number // (kills + 2)
        program = rig.scanner(env)
        with rig.running(program):
            rig.until(
                lambda target=target: len(rig.ledger(sandbox)) >= target,
                seconds,
                f"kill {number}: only {len(rig.ledger(sandbox))} left; {program.output()[-2000:]}",
            )
            program.kill()
    with rig.running(rig.scanner(env)):
        rig.until(lambda: oracle.is_quiet(campaign.stream), seconds, "the run did not finish")


@pytest.mark.faults_short
def test_a_short_campaign_survives_a_kill(
    a_campaign: Callable[..., Campaign], sandbox: Handle
) -> None:
    campaign = a_campaign(200, 100)
    kill_while_sending(campaign, sandbox, kills=1, seconds=45)

    oracle.check(campaign.stream, rig.ledger(sandbox), planned=200)
    assert oracle.unknown(campaign.stream) <= settings.SEND_WAVE
    oracle.settle(campaign.stream, campaign.connection, rig.ledger(sandbox))


@pytest.mark.faults
def test_two_thousand_recipients_survive_five_kills(
    a_campaign: Callable[..., Campaign], sandbox: Handle
) -> None:
    campaign = a_campaign(2_000, 200)
    kill_while_sending(campaign, sandbox, kills=5, seconds=120)

    oracle.check(campaign.stream, rig.ledger(sandbox), planned=2_000)
    assert oracle.unknown(campaign.stream) <= 5 * settings.SEND_WAVE
    oracle.settle(campaign.stream, campaign.connection, rig.ledger(sandbox))
