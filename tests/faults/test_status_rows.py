"""B7 to B10: receipts doubled, shuffled, dropped or too early, over the whole way: the provider's
callback, the web server, the worker, the rows."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from messaging import selectors
from messaging.dispatch import sweep
from messaging.enums import DispatchState, Rank
from messaging.models import Message, Receipt
from sandbox.testing import Handle
from tenants.models import Company
from tests.faults import oracle, rig
from tests.faults.conftest import Campaign
from tests.faults.served import product

pytestmark = pytest.mark.faults
Make = Callable[..., Campaign]
SIZE = 60
DELAYS = {"sent": 0.2, "delivered": 0.5, "read": 0.8}
GROUPS = ("dup_status", "shuffle_status", "status_before_response", "drop_status")


def pending(sandbox: Handle) -> int:
    return int(httpx.get(f"{sandbox.url}/_sandbox/webhooks").json()["pending"])


def test_b7_b8_b10_receipts_in_any_order_and_number_end_where_they_should(
    a_campaign: Make, committed_company: Company, sandbox: Handle
) -> None:
    """A quarter of the receipts comes three times, a quarter backwards, a quarter before the
    answer, a quarter never."""
    campaign = a_campaign(SIZE, 1_000)
    rig.set_sandbox(sandbox, delays=DELAYS)
    addresses = list(
        Message.objects.filter(stream=campaign.stream)
        .order_by("pk")
        .values_list("address", flat=True)
    )
    groups = {do: addresses[place :: len(GROUPS)] for place, do in enumerate(GROUPS)}
    rules = [
        {"do": do, "when": {"recipient": people}, "copies": 3} for do, people in groups.items()
    ]
    rig.set_faults(sandbox, *rules)
    with product(campaign, committed_company, sandbox) as worker:
        rig.until(
            lambda: selectors.counts(campaign.stream.pk)["read"] == SIZE * 3 // 4,
            90,
            f"{selectors.counts(campaign.stream.pk)} {worker.output()[-3000:]}",
        )
        rig.until(lambda: pending(sandbox) == 0, 30, "callbacks are stuck")

    rows = Message.objects.filter(stream=campaign.stream)
    dropped = rows.filter(address__in=groups["drop_status"])
    told = rows.exclude(address__in=groups["drop_status"])
    assert set(dropped.values_list("dispatch", "rank")) == {(DispatchState.ACCEPTED, Rank.NONE)}
    assert set(told.values_list("dispatch", "rank")) == {(DispatchState.ACCEPTED, Rank.READ)}
    assert not told.filter(delivered_at=None).exists()
    # Each kind is in the book once for each message, however often it was told.
    assert Receipt.objects.count() == 3 * told.count()
    oracle.check(campaign.stream, rig.ledger(sandbox), planned=SIZE)
    oracle.settle(campaign.stream, campaign.connection, rig.ledger(sandbox))


def test_b3_what_was_unclear_is_settled_by_the_provider_s_own_receipts(
    a_campaign: Make, committed_company: Company, sandbox: Handle
) -> None:
    """The answers are lost, the receipts come: no one stays unclear, and nobody waits for the
    evidence to run out."""
    campaign = a_campaign(SIZE, 1_000)
    rig.set_sandbox(sandbox, delays=DELAYS)
    rig.set_faults(sandbox, {"do": "reset_after_read", "times": SIZE})
    with product(campaign, committed_company, sandbox) as worker:
        rig.until(
            lambda: selectors.counts(campaign.stream.pk)["read"] == SIZE,
            90,
            f"{selectors.counts(campaign.stream.pk)} {worker.output()[-3000:]}",
        )
    assert oracle.witnessed()["no_answer"] > 0
    oracle.check(campaign.stream, rig.ledger(sandbox), planned=SIZE)


def test_b9_a_failure_told_afterwards_is_final_unless_the_phone_has_it(
    a_campaign: Make, committed_company: Company, sandbox: Handle
) -> None:
    campaign = a_campaign(SIZE, 1_000)
    rig.set_sandbox(sandbox, delays=DELAYS)
    rig.set_faults(sandbox, {"do": "fail:131026", "times": SIZE // 2})
    with product(campaign, committed_company, sandbox) as worker:
        rig.until(
            lambda: (
                selectors.counts(campaign.stream.pk)["failed"] == SIZE // 2
                and selectors.counts(campaign.stream.pk)["read"] == SIZE // 2
            ),
            90,
            f"{selectors.counts(campaign.stream.pk)} {worker.output()[-3000:]}",
        )
    oracle.check(campaign.stream, rig.ledger(sandbox), planned=SIZE)
    assert len(rig.ledger(sandbox)) == SIZE


def test_b10_evidence_that_comes_after_we_gave_up_still_counts(
    a_campaign: Make, sandbox: Handle
) -> None:
    campaign = a_campaign(20, 1_000)
    rig.set_faults(sandbox, {"do": "half_body", "times": 20})
    with rig.running(rig.scanner(rig.environment(sandbox))):
        rig.until(lambda: oracle.is_quiet(campaign.stream), 60, "the run did not finish")
    Message.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    sweep.sweep("")
    rows = Message.objects.filter(stream=campaign.stream)
    assert set(rows.values_list("dispatch", flat=True)) == {DispatchState.UNCONFIRMED}
    oracle.settle(campaign.stream, campaign.connection, rig.ledger(sandbox))
    assert set(rows.values_list("dispatch", flat=True)) == {DispatchState.ACCEPTED}
