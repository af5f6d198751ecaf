"""A slice: for a second or two, send what is due at one connection, wave by wave."""

import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from connections.enums import ConnectionState
from connections.models import Connection
from connections.providers.base import Provider
from connections.selectors import credentials_of, provider_of, rate_of
from connections.services import states
from core import agenda, pacing, stopping
from messaging import gate, progress
from messaging.agenda import EXPIRE
from messaging.dispatch import (
    circuits,
    crowd,
    evidence,
    failpoints,
    lanes,
    outcomes,
    troubles,
    turns,
)
from messaging.dispatch.claim import Claim, Claimed
from messaging.dispatch.lanes import Lane
from messaging.dispatch.outcomes import Outcome
from messaging.dispatch.outgoing import Builder
from messaging.dispatch.record import record
from messaging.dispatch.wire import Wire
from messaging.enums import DispatchState, PublicState
from messaging.gate_checks import sms, tiers
from messaging.pricing import prices_at
from messaging.services import breakers, spending

log = structlog.get_logger(__name__)

PACED = "pair_rate"
PATIENCE = 0.25  # how long a wave waits for its last answers before others may leave
# A run that its number's rate holds back goes on so often: a wave for each few messages that the
# rate lets pass would cost several times as much.
BEAT = 0.1
# What a number may send at once after it was quiet: on a busy machine a sender that had no
# processor for a moment catches up, and no second sees more than 1.3 seconds' worth.
CATCH_UP_SECONDS = 0.3
# After so many waves in a row that nothing but their size held back, the companion is called.
FULL_WAVES = 3
CALL_EVERY_SECONDS = 1.0
# When its time is over a slice starts nothing more and waits so long for the last answers.
DRAIN_SECONDS = 3.0
# One that hangs is waited for longer (aiohttp ends it after 30 s), and meanwhile others go on.
HANG_SECONDS = 35.0
# So many sends in a row without a connection, and the provider counts as away for a while.
CIRCUIT = 5


def pump_runs(connection_id: str) -> None:
    """The agenda's handler for `messaging.pump`."""
    pump(lanes.RUNS, connection_id)


def pump_beside(connection_id: str) -> None:
    """The agenda's handler for `messaging.pump_beside`."""
    pump(lanes.BESIDE, connection_id)


def pump_replies(connection_id: str) -> None:
    """The agenda's handler for `messaging.reply`."""
    pump(lanes.REPLIES, connection_id)


def pump(lane: Lane, connection_id: str) -> None:
    """Send for one slice; when more is due, have the next slice hinted."""
    row = Connection.objects.filter(pk=connection_id).first()
    if row is None or stopping.is_asked() or not _may_send(row):
        return
    if lane is lanes.BESIDE and not is_fast(rate_of(row)):
        return
    with turns.turn(lane, row.pk) as turn:
        if turn is None:
            return
        with crowd.joined():
            Slice(row, lane, turn).run()
    if lane is lanes.BESIDE:
        return  # who called may call again
    # Asked after the turn is over: whoever found it taken has committed its work by now.
    for key, due_at in lanes.due(lane, connection_id):
        with transaction.atomic():
            agenda.append(lane.kind, key, due_at)


def wave_size(rate: float) -> int:
    """How many messages of a number may be on the wire at once, and so be unclear after a kill or
    leave after a pause. A hundred at a tenth of a second each would be too few for Meta's fastest
    numbers, which may send a thousand a second."""
    return settings.SEND_FAST_WAVE if is_fast(rate) else settings.SEND_WAVE


def is_fast(rate: float) -> bool:
    """Whether a number may send so much that two slices share its wave: while one waits for the
    database, the other works."""
    return rate >= settings.SEND_FAST_RATE


def _may_send(row: Connection) -> bool:
    if row.deleted_at is not None:
        return False
    if row.state == ConnectionState.PAUSED:
        return row.paused_until is not None and row.paused_until <= timezone.now()
    return row.state == ConnectionState.ACTIVE


class Slice:
    """The work of one slice. Nothing outlives it: a crash leaves leased rows, and they expire."""

    def __init__(self, row: Connection, lane: Lane, turn: turns.Turn) -> None:
        self.connection = row
        self.lane = lane
        self.turn = turn
        self.provider = provider_of(row)
        self.rate = rate_of(row)
        self.has_companion = lane.is_exclusive and is_fast(self.rate)
        self.wave_size = wave_size(self.rate) // (2 if self.has_companion else 1)
        self.pace = pace_of(self.provider)
        self.wait_seconds = evidence.wait_seconds(self.provider)
        self.claim = Claim(row.pk, lane)
        # Doubled as long as the slice keeps up with it.
        self.claim_size = min(2 * self.wave_size, settings.SEND_CLAIM, self._most())
        self.builder = Builder(row)
        self.memory = gate.Memory()
        self.recounts = progress.Recounts()
        self.waiting: list[Claimed] = []
        self.flying: dict[UUID, Claimed] = {}
        self.is_halted = False
        self.is_dry = False
        self.pause = 0.0
        self.is_paced = False  # the number's rate holds it back, not its own speed
        self.full_waves = 0
        self.call_at = 0.0
        self.ends_at = 0.0
        self.must_end_at = 0.0
        self.renew_at = time.monotonic() + settings.SEND_LEASE_SECONDS / 3

    def run(self) -> None:
        """Send until the time is over, nothing is due or the provider says stop."""
        credentials = credentials_of(self.connection)
        try:
            with Wire(self.provider, credentials, limit=self.wave_size) as wire:
                self._refill()
                # The time runs from here on: however slow the machine, each slice sends something.
                self.ends_at = time.monotonic() + settings.SEND_SLICE_SECONDS
                self.must_end_at = time.monotonic() + settings.SEND_LONG_SLICE_SECONDS
                while self._goes_on():
                    self._step(wire)
        finally:
            self.claim.give_back([item.id for item in self.waiting])
            self._release_canaries()
            with transaction.atomic():
                self.recounts.finish(is_over=self.is_dry)

    def _call_companion(self) -> None:
        """Where two may send and one does not keep up, the first wakes the other; one too many
        finds no turn and leaves."""
        self.full_waves = 0 if self.is_paced else self.full_waves + 1
        may_call = self.has_companion and self.lane is lanes.RUNS and not self.is_dry
        if may_call and self.full_waves >= FULL_WAVES and time.monotonic() >= self.call_at:
            self.call_at = time.monotonic() + CALL_EVERY_SECONDS
            with transaction.atomic():
                agenda.append(lanes.BESIDE.kind, str(self.connection.pk))

    def _goes_on(self) -> bool:
        self._go_on_if_alone()
        now = time.monotonic()
        if self.flying:
            # What outlives even this keeps its lease, and the sweeper calls it unknown.
            return now < self.ends_at + 2 * HANG_SECONDS
        if self.is_halted or stopping.is_asked() or now >= self.ends_at:
            return False
        return bool(self.waiting) or not self.is_dry

    def _go_on_if_alone(self) -> None:
        """Nobody needs the thread; the number's row is read anew now and then all the same."""
        now = time.monotonic()
        if self.ends_at <= now < self.must_end_at and not self.is_dry and crowd.is_small():
            self.ends_at = now + settings.SEND_SLICE_SECONDS

    def _may_start(self) -> bool:
        """Whether waves may begin: for the slice's time, and again while a request hangs."""
        if self.is_halted or stopping.is_asked():
            return False
        late = time.monotonic() - self.ends_at
        if late < 0:
            return True
        if not self.flying or not DRAIN_SECONDS <= late < HANG_SECONDS:
            return False
        self.is_dry = False  # more may have become due while we waited
        return True

    def _step(self, wire: Wire) -> None:
        """Start a wave if there is room and leave, take in answers, keep the leases."""
        self.pause = PATIENCE
        if self._may_start():
            self._refill()
            self._start_wave(wire)
        else:
            self._hand_back()
        if self.flying or (self.waiting and not self.is_halted):
            self._take_in(wire)
        self._keep_leases()

    def _hand_back(self) -> None:
        """Let others have what this slice will not start any more."""
        if not self.waiting:
            return
        with transaction.atomic():
            self.claim.give_back([item.id for item in self.waiting])
            if not self.is_halted:
                agenda.append(self.lane.kind, str(self.connection.pk))
        self.waiting = []

    def _refill(self) -> None:
        """Have a wave at hand, so that none waits for the claim; a suspect is held alone."""
        if self.is_dry or len(self.waiting) >= self.wave_size:
            return
        has_suspects = self.claim.has_suspects()
        if has_suspects and self.waiting:
            return
        in_flight = {item.stream_id for item in (*self.flying.values(), *self.waiting)}
        size = 1 if has_suspects else self.claim_size
        claimed = self.claim.take(size, in_flight=in_flight)
        failpoints.meet(item.address for item in claimed)
        self.is_dry = len(claimed) < size
        self.claim_size = min(2 * self.claim_size, settings.SEND_CLAIM, self._most())
        moment = gate.Moment(timezone.now(), effects=True, memory=self.memory)
        candidates = [item.candidate for item in claimed]
        self.waiting += self._standing(claimed, candidates, gate.Ask.STEADY, moment)

    def _most(self) -> int:
        """No more than a slice can send: what is claimed and not sent has to be given back."""
        return max(1, round(self.rate * settings.SEND_SLICE_SECONDS * 1.25))

    def _start_wave(self, wire: Wire) -> None:
        wave, held = self._admitted()
        if not wave and not held:
            return
        built, broken = self.builder.build(wave)
        try:
            with transaction.atomic():
                self._stop({**broken, **held}, self.waiting)
                standing, going = self._begin([item for item in wave if item.id in built])
        except spending.Overdrawn:
            return  # the gate will see what another wave took meanwhile
        failpoints.reach(failpoints.BEFORE_WIRE)
        if standing and not going:
            self.is_dry = True  # paused, or somebody else's canary is out
        self.waiting = self.waiting[len(wave) + len(held) :]
        self.flying.update({item.id: item for item in standing if item.id in going})
        wire.start({key: built[key] for key in going})
        self._call_companion()

    def _admitted(self) -> tuple[list[Claimed], dict[UUID, gate.Verdict]]:
        """Those at the head of the queue that may leave now, and those whose person was written
        to too often a moment ago; a run leaves the reserve of the burst to answers."""
        room = min(self.wave_size - len(self.flying), len(self.waiting))
        head = self.waiting[:room]
        granted = pacing.take(
            breakers.pace_key(self.connection.pk),
            rate=self.rate,
            burst=max(1, round(self.rate * CATCH_UP_SECONDS * (1 - self.lane.reserve))),
            want=room,
            members=[item.contact_id.hex for item in head],
            pace=self.pace,
        )
        self.is_paced = len(granted.now) + len(granted.held) < room
        if self.is_paced:
            least = BEAT if self.lane.of_streams else 0.001
            self.pause = min(PATIENCE, max(granted.wait, least))
        now = timezone.now()
        held = {
            head[place].id: gate.delay(PACED, now + timedelta(seconds=wait))
            for place, wait in granted.held.items()
        }
        return [head[place] for place in granted.now], held

    def _begin(self, wave: Sequence[Claimed]) -> tuple[list[Claimed], set[UUID]]:
        """Have the gate judge a wave again, and take to the wire those that stand, with all that
        they use up; returns who stood and who goes."""
        moment = gate.Moment(timezone.now(), effects=True, is_at_wire=True, memory=self.memory)
        candidates = [item.candidate for item in wave]
        standing = self._standing(wave, candidates, gate.Ask.VOLATILE, moment)
        if not standing:
            return [], set()
        if len(standing) < len(wave):
            candidates = [item.candidate for item in standing]
        prices = prices_at(moment, candidates)
        going = self.claim.begin(standing, prices, at=moment.now)
        away = [item.id for item in standing if item.id not in going]
        self.claim.give_back(away)
        tiers.release(away)
        sms.release(away)
        spending.hold(moment, [item for item in candidates if item.id in going], prices)
        return standing, going

    def _standing(
        self,
        items: Sequence[Claimed],
        candidates: Sequence[gate.Candidate],
        ask: gate.Ask,
        moment: gate.Moment,
    ) -> list[Claimed]:
        """Those of our claimed messages that the gate lets pass; the others are written off."""
        judged = gate.judge_at(moment, candidates, ask=ask)
        stopped = {
            item.id: verdict
            for item, verdict in zip(items, judged, strict=True)
            if verdict.decision != gate.Decision.ALLOW
        }
        self._stop(stopped, items)
        return [item for item in items if item.id not in stopped]

    def _stop(self, verdicts: dict[UUID, gate.Verdict], items: Sequence[Claimed]) -> None:
        if not verdicts:
            return
        with transaction.atomic():
            written = self.claim.stop(verdicts)
            self._have_late_ones_expired(verdicts, items)
            progress.tell(
                progress.Progress(item.id, item.thread_id, item.stream_id, PublicState.SKIPPED)
                for item in items
                if item.id in written and verdicts[item.id].decision == gate.Decision.DENY
            )

    def _have_late_ones_expired(
        self, verdicts: Mapping[UUID, gate.Verdict], items: Sequence[Claimed]
    ) -> None:
        """What waits does so until its time is over (a run's own end is known)."""
        ends = [
            item.expires_at
            for item in items
            if item.expires_at is not None
            and item.id in verdicts
            and verdicts[item.id].decision == gate.Decision.DELAY
        ]
        if ends:
            agenda.append(EXPIRE, "", min(ends))

    def _take_in(self, wire: Wire) -> None:
        answers = wire.collect(self.pause, self._enough())
        if not answers:
            return
        failpoints.reach(failpoints.BEFORE_RECORD)
        now = timezone.now()
        items = {answer.id: self.flying.pop(answer.id) for answer in answers}
        judged = [
            outcomes.judge(items[answer.id], answer, now, wait_seconds=self.wait_seconds)
            for answer in answers
        ]
        record(
            judged,
            items,
            self.claim.token,
            wait_seconds=self.wait_seconds,
            recounts=self.recounts,
        )
        self._react(judged, items)

    def _enough(self) -> int:
        """How many answers are worth writing down. With a half of the wave there is room again:
        the database works on the one while the other is out. Where the rate holds it back, what
        comes within the beat."""
        if not self.waiting or self.is_halted:
            return len(self.flying)
        if self.is_paced and self.lane.of_streams:
            return len(self.flying) + 1
        return max(1, len(self.flying) - self.wave_size // 2)

    def _react(self, judged: Sequence[Outcome], items: Mapping[UUID, Claimed]) -> None:
        """What the provider said of more than a message: of the number, a template, a run."""
        found = troubles.of(judged, items)
        if found and breakers.heed(connection=self.connection, troubles=found):
            self.is_halted = True
        breakers.look_at_runs(troubles.runs_in_doubt(judged, items))
        self._follow_canaries(judged, items)
        if not self.is_halted and self._is_away(judged):
            self.is_halted = True
            self.claim.allowances.is_canary = False
            states.trip(self.connection, outcomes.NOT_CONNECTED, judged[-1].detail)

    def _is_away(self, judged: Sequence[Outcome]) -> bool:
        """Whether the provider cannot be reached; a canary needs no second proof."""
        lost = [outcome.code == outcomes.NOT_CONNECTED for outcome in judged]
        in_a_row = circuits.count(self.connection.pk, lost)
        if self.claim.allowances.is_canary:
            return any(outcome.is_lost for outcome in judged)
        return in_a_row >= CIRCUIT

    def _follow_canaries(self, judged: Sequence[Outcome], items: Mapping[UUID, Claimed]) -> None:
        """After the one that went first the others follow, or another one goes first."""
        canaries = self.claim.allowances
        if not canaries.has_any:
            return
        for outcome in judged:
            stream_id = items[outcome.id].stream_id
            is_for_run = stream_id is not None and canaries.is_elected(stream_id)
            if not canaries.is_canary and not is_for_run:
                continue
            self.is_dry = False
            if outcome.dispatch != DispatchState.ACCEPTED:
                continue
            if canaries.is_canary:
                canaries.connection_recovered()
            if is_for_run and stream_id is not None:
                canaries.recovered(stream_id)

    def _release_canaries(self) -> None:
        """What did not leave, or left without a verdict, is somebody else's to try."""
        self.claim.allowances.release({item.stream_id for item in self.flying.values()})
        if not self.flying:
            self.claim.allowances.release_connection()

    def _keep_leases(self) -> None:
        if time.monotonic() < self.renew_at:
            return
        self.turn.renew()
        self.claim.renew([*self.flying, *(item.id for item in self.waiting)])
        self.renew_at = time.monotonic() + settings.SEND_LEASE_SECONDS / 3


def pace_of(provider: Provider) -> pacing.Pace | None:
    """How often the provider lets us write to one person; None: it does not say."""
    limits = provider.capabilities
    if not limits.pair_seconds:
        return None
    return pacing.Pace(seconds=limits.pair_seconds, burst=limits.pair_burst)
