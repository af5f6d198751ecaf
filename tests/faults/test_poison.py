"""A10: a message, an event or an envelope that kills whoever takes it is taken out after five
deaths; the others flow, and it can be tried again when the cause is mended."""

import sys
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core import scope
from events import bus, deliveries
from events.dead_letters import boxes
from events.enums import DeliveryState
from events.models import Delivery, Incident, Interest, LetterRun
from events.services import letters
from messaging.dispatch import failpoints
from messaging.enums import POISON_CRASHES, DispatchState
from messaging.models import Message
from sandbox.testing import Handle
from tenants.models import Company, IncidentRollup
from tests.faults import oracle, poisoned, poisoned_envelope, rig
from tests.faults.conftest import Campaign
from webhooks.ingress.enums import EnvelopeState
from webhooks.ingress.models import Envelope
from webhooks.ingress.services import envelopes, troubles

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


@pytest.mark.faults
def test_a10_an_event_that_kills_its_workers_is_quarantined_and_tried_again_when_mended(
    committed_company: Company, sandbox: Handle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus, "_subscribers", {})
    poisoned.listen()
    with transaction.atomic():
        for number in range(NEIGHBOURS + 1):
            bus.publish(poisoned.Counted(number=number))

    codes = [
        handled(sandbox, POISON=str(NEIGHBOURS // 2)) for _ in range(deliveries.MAX_ATTEMPTS + 1)
    ]
    assert codes == [9] * deliveries.MAX_ATTEMPTS + [0]
    dead = Delivery.objects.get(state=DeliveryState.DEAD)
    assert dead.event.data == {"number": NEIGHBOURS // 2}
    assert done() == NEIGHBOURS
    assert Incident.objects.get(kind=letters.INCIDENT).closed_at is None

    letters.begin(box=boxes[deliveries.BOX], action="redrive")
    letters.run(str(LetterRun.objects.get().pk))
    assert handled(sandbox) == 0
    assert done() == NEIGHBOURS + 1
    assert not Incident.objects.filter(kind=letters.INCIDENT, closed_at=None).exists()


@pytest.mark.faults
def test_a10_an_envelope_that_kills_its_workers_is_given_up_and_read_when_mended(
    committed_company: Company, sandbox: Handle
) -> None:
    bodies = [str(number).encode() for number in range(NEIGHBOURS + 1)]
    poison = bodies[NEIGHBOURS // 2]
    arrived = [
        envelopes.Arrived(poisoned_envelope.PROVIDER, envelopes.digest(body), None)
        for body in bodies
    ]
    with scope.public():
        stored = envelopes.store_many(list(zip(arrived, bodies, strict=True)))

        codes = [read(sandbox, POISON=poison.decode()) for _ in range(envelopes.MAX_ATTEMPTS + 1)]
        assert codes == [9] * envelopes.MAX_ATTEMPTS + [0]
        assert states() == {EnvelopeState.SPLIT: NEIGHBOURS, EnvelopeState.DEAD: 1}
        dead = Envelope.objects.get(state=EnvelopeState.DEAD)
        assert (dead.pk, bytes(dead.body or b"")) == (stored[NEIGHBOURS // 2], poison)
        # Only those who were taken together with it the first time were taken twice, then alone.
        assert Envelope.objects.filter(attempts__gt=1).count() <= envelopes.BATCH
        assert not Envelope.objects.exclude(pk=dead.pk).filter(attempts__gt=2).exists()
        troubles.look()
        assert standing().count() == 1

        envelopes.try_again([dead.pk])
        assert read(sandbox) == 0
        assert states() == {EnvelopeState.SPLIT: NEIGHBOURS + 1}
        troubles.look()
        assert not standing().exists()


NEIGHBOURS = 1_000


def handled(sandbox: Handle, **env: str) -> int:
    """A worker of deliveries until it has nothing to do, or dies. Nobody waits for the clock."""
    Delivery.objects.filter(state=DeliveryState.PENDING).update(due_at=timezone.now())
    return work("tests.faults.poisoned", sandbox, **env)


def read(sandbox: Handle, **env: str) -> int:
    """The same of envelopes."""
    Envelope.objects.filter(state=EnvelopeState.RECEIVED).update(due_at=timezone.now())
    return work("tests.faults.poisoned_envelope", sandbox, **env)


def work(module: str, sandbox: Handle, **env: str) -> int:
    """Run a worker; its exit code."""
    program = rig.Program([sys.executable, "-m", module], rig.environment(sandbox, **env))
    with rig.running(program):
        return program.process.wait(90)


def done() -> int:
    """How many numbers were handled, each once: the rows are unique."""
    return Interest.objects.filter(subscriber=poisoned.NAME).count()


def states() -> dict[str, int]:
    """How many envelopes are in each state."""
    return dict(Counter(Envelope.objects.values_list("state", flat=True)))


def standing() -> QuerySet[IncidentRollup]:
    """What the superadmin is told of envelopes that were given up."""
    return IncidentRollup.objects.filter(kind=troubles.DEAD, closed_at=None)
