"""Redis carries hints only: wiped, it costs time; gone, the scanner sends by itself."""

import signal
import time
from collections.abc import Callable

import pytest
import redis

from sandbox.testing import Handle
from tests.faults import oracle, rig
from tests.faults.conftest import Campaign


@pytest.mark.faults
def test_a_wiped_redis_costs_only_time(
    a_campaign: Callable[..., Campaign], sandbox: Handle
) -> None:
    campaign = a_campaign(600, 60)
    with rig.a_redis() as url:
        env = rig.environment(sandbox, redis_url=url)
        with rig.running(rig.worker(env), rig.scanner(env)):
            for number in (1, 2, 3):
                rig.until(
                    lambda number=number: len(rig.ledger(sandbox)) >= 150 * number,
                    60,
                    f"only {len(rig.ledger(sandbox))} left before wipe {number}",
                )
                redis.Redis.from_url(url).flushall()
            rig.until(lambda: oracle.is_quiet(campaign.stream), 60, "the run did not finish")

    oracle.check(campaign.stream, rig.ledger(sandbox), planned=600)
    assert len(rig.ledger(sandbox)) == 600
    oracle.settle(campaign.stream, campaign.connection, rig.ledger(sandbox))


@pytest.mark.faults
def test_a_sleeping_worker_changes_nothing_when_it_wakes(
    a_campaign: Callable[..., Campaign], sandbox: Handle
) -> None:
    campaign = a_campaign(300, 60)
    env = rig.environment(sandbox)
    sleeper = rig.scanner(env)
    with rig.running(sleeper):
        rig.until(lambda: len(rig.ledger(sandbox)) >= 60, 60, "it did not start")
        sleeper.signal(signal.SIGSTOP)
        time.sleep(2 * rig.LEASE_SECONDS)
        with rig.running(rig.scanner(env)):
            rig.until(lambda: len(rig.ledger(sandbox)) >= 150, 60, "nobody took over")
            sleeper.signal(signal.SIGCONT)
            rig.until(lambda: oracle.is_quiet(campaign.stream), 60, "the run did not finish")

    oracle.check(campaign.stream, rig.ledger(sandbox), planned=300)
    oracle.settle(campaign.stream, campaign.connection, rig.ledger(sandbox))
