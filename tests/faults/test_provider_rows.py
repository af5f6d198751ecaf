"""What a provider can do wrong, row by row (reliability.md B1 to B6, B12, B13; A10, A11): real
senders against the sandbox, judged by its ledger."""

import signal
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from connections.enums import ConnectionState
from connections.models import Connection
from messaging import selectors
from messaging.dispatch import sweep
from messaging.enums import DispatchState
from messaging.models import Message
from sandbox.testing import Handle
from tenants.models import Company
from tests.faults import oracle, rig
from tests.faults.conftest import Campaign
from tests.messaging import texting

pytestmark = pytest.mark.faults
Make = Callable[..., Campaign]


def send(campaign: Campaign, sandbox: Handle, *, seconds: float = 90) -> None:
    """Let a sender work until nothing of the run can move now."""
    with rig.running(rig.scanner(rig.environment(sandbox))):
        rig.until(lambda: oracle.is_quiet(campaign.stream), seconds, "the run did not finish")


def states(campaign: Campaign) -> dict[str, int]:
    """How many rows of the run are in each dispatch state."""
    rows = Message.objects.filter(stream=campaign.stream).values_list("dispatch", flat=True)
    found: dict[str, int] = {}
    for state in rows:
        found[state] = found.get(state, 0) + 1
    return found


def keys(sandbox: Handle) -> list[str]:
    return [entry["key"].partition(":")[0] for entry in rig.ledger(sandbox)]


def test_b1_a_slow_provider_is_given_what_it_takes(a_campaign: Make, sandbox: Handle) -> None:
    """It takes 20 a second, we may send 80: nobody fails, most requests are taken."""
    rig.set_sandbox(sandbox, throughput=20)
    campaign = a_campaign(400, 80)
    begun = time.monotonic()
    send(campaign, sandbox, seconds=120)
    assert states(campaign) == {DispatchState.ACCEPTED: 400}
    assert time.monotonic() - begun < 90
    oracle.check(campaign.stream, rig.ledger(sandbox), planned=400)


@pytest.mark.parametrize("fault", ["500_json", "error:131000", "error:131016", "error:2"])
def test_b2_a_failure_in_the_provider_s_words_is_tried_again(
    a_campaign: Make, sandbox: Handle, fault: str
) -> None:
    campaign = a_campaign(50, 1_000)
    rig.set_faults(sandbox, {"do": fault, "times": 50})
    send(campaign, sandbox)
    assert states(campaign) == {DispatchState.ACCEPTED: 50}
    assert len(keys(sandbox)) == len(set(keys(sandbox))) == 50


@pytest.mark.parametrize(
    "fault", ["500_html", "reset_after_read", "half_body", "200_no_id", "hang"]
)
def test_b2_b3_b5_what_nobody_can_know_is_never_sent_again(
    a_campaign: Make, sandbox: Handle, fault: str
) -> None:
    """Thirty ambiguous answers: thirty in the ledger, all of them settled by their receipts."""
    campaign = a_campaign(30, 1_000)
    rig.set_faults(sandbox, {"do": fault, "times": 30})
    send(campaign, sandbox)
    assert states(campaign) == {DispatchState.UNKNOWN: 30}
    assert sorted(keys(sandbox)) == sorted(set(keys(sandbox)))
    assert len(keys(sandbox)) == 30
    oracle.settle(campaign.stream, campaign.connection, rig.ledger(sandbox))
    assert states(campaign) == {DispatchState.ACCEPTED: 30}


@pytest.mark.parametrize("fault", ["reset_after_read", "200_no_id"])
def test_b3_an_sms_whose_answer_was_lost_is_asked_about_and_never_sent_again(
    committed_company: Company, sandbox: Handle, fault: str
) -> None:
    """An SMS costs money and cannot be taken back: Twilio is asked, by its own book."""
    rig.set_sandbox(sandbox, delays={"sent": 600, "delivered": 600, "read": 600})
    number = texting.a_text_number()
    template = texting.a_text_template(number, "Oi")
    stream = texting.a_run(number, template, texting.people(15), "Oi")
    campaign = Campaign(stream, number, 15)
    rig.set_faults(sandbox, {"do": fault, "times": 15}, provider="twilio")
    send(campaign, sandbox)
    assert states(campaign) == {DispatchState.UNKNOWN: 15}
    Message.objects.update(due_at=timezone.now())
    sweep.sweep("")
    assert states(campaign) == {DispatchState.ACCEPTED: 15}
    assert len(keys(sandbox)) == len(set(keys(sandbox))) == 15
    oracle.check(stream, rig.ledger(sandbox), planned=15)


def test_b4_an_outage_costs_only_time(a_campaign: Make, sandbox: Handle) -> None:
    """Nobody listens at the provider's address for a while: nobody fails, the number goes on."""
    campaign = a_campaign(200, 100)
    away = {"GRAPH_BASE_URL": f"http://127.0.0.1:{rig.free_port()}/graph"}
    with rig.running(rig.scanner({**rig.environment(sandbox), **_allowed(away), **away})):
        rig.until(
            lambda: Connection.objects.get().state == ConnectionState.PAUSED, 30, "never paused"
        )
        time.sleep(3)
    assert rig.ledger(sandbox) == []
    begun = time.monotonic()
    send(campaign, sandbox)
    assert time.monotonic() - begun < 60
    assert states(campaign) == {DispatchState.ACCEPTED: 200}
    assert list(Message.objects.values_list("attempt", flat=True).distinct()) == [1]


@pytest.mark.parametrize("code", ["190", "368", "131031"])
def test_b6_b12_a_refused_account_stops_the_number_and_burns_nobody(
    a_campaign: Make, sandbox: Handle, code: str
) -> None:
    campaign = a_campaign(1_000, 1_000)
    rig.set_faults(sandbox, {"do": f"error:{code}"})
    with rig.running(rig.scanner(rig.environment(sandbox))):
        rig.until(
            lambda: Connection.objects.get().state == ConnectionState.STOPPED, 30, "not stopped"
        )
        time.sleep(2)
    assert rig.ledger(sandbox) == []
    counts = selectors.counts(campaign.stream.pk)
    assert (counts["failed"], counts["queued"]) == (0, 1_000)
    assert struck(sandbox) <= settings.SEND_FAST_WAVE


def test_b13_marketing_held_back_waits_a_day(a_campaign: Make, sandbox: Handle) -> None:
    campaign = a_campaign(30, 1_000)
    rig.set_faults(sandbox, {"do": "error:131049"})
    with rig.running(rig.scanner(rig.environment(sandbox))):
        rig.until(
            lambda: states(campaign) == {DispatchState.RETRY_WAIT: 30}, 30, "they do not wait"
        )
    due = list(Message.objects.values_list("due_at", flat=True))
    assert min(at for at in due if at) > timezone.now() + timedelta(hours=23)
    assert struck(sandbox) == 30


def test_a11_who_is_asked_to_stop_leaves_nothing_unclear(a_campaign: Make, sandbox: Handle) -> None:
    """SIGTERM three times in the middle: what is on the wire is waited for, the rest given back."""
    campaign = a_campaign(1_000, 150)
    for share in (200, 450, 700):
        program = rig.scanner(rig.environment(sandbox))
        with rig.running(program):
            rig.until(lambda share=share: len(rig.ledger(sandbox)) >= share, 60, "it is stuck")
            program.signal(signal.SIGTERM)
            assert program.process.wait(30) is not None
        assert oracle.unknown(campaign.stream) == 0
    send(campaign, sandbox)
    assert states(campaign) == {DispatchState.ACCEPTED: 1_000}
    oracle.check(campaign.stream, rig.ledger(sandbox), planned=1_000)
    assert oracle.unknown(campaign.stream) == 0


def struck(sandbox: Handle) -> int:
    """How many requests the armed faults hit."""
    return sum(rule["fired"] for rule in rig.faults(sandbox))


def _allowed(values: dict[str, str]) -> dict[str, str]:
    """The private address that stands for the provider, allowed as the sandbox's is."""
    return {"OUTBOUND_ALLOWED_PRIVATE": values["GRAPH_BASE_URL"].split("/")[2]}
