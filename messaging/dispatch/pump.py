"""A slice: for a second or two, send what is due at one connection, wave by wave."""

import time
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from connections.enums import ConnectionState
from connections.models import Connection
from connections.providers.base import FailureClass
from connections.selectors import credentials_of, provider_of
from connections.services import states
from core import agenda, scope
from core.ratelimit import Limiter
from messaging import gate, progress
from messaging.dispatch import failpoints, lanes, outcomes, turns
from messaging.dispatch.claim import Claim, Claimed
from messaging.dispatch.lanes import Lane
from messaging.dispatch.outcomes import Outcome
from messaging.dispatch.outgoing import Builder
from messaging.dispatch.record import record
from messaging.dispatch.wire import Wire
from messaging.enums import PublicState

log = structlog.get_logger(__name__)

limiter = Limiter("sending")
PATIENCE = 0.25  # how long a wave waits for its last answers before others may leave
# When its time is over a slice starts nothing more and waits so long for the last answers.
DRAIN_SECONDS = 3.0
# One that hangs is waited for longer (aiohttp ends it after 30 s), and meanwhile others go on.
HANG_SECONDS = 35.0
# So many sends in a row without a connection, and the provider counts as away for a while.
CIRCUIT = 5
CIRCUIT_SECONDS = 5.0
THROTTLED_SECONDS = 5.0


def pump_runs(connection_id: str) -> None:
    """The agenda's handler for `messaging.pump`."""
    pump(lanes.RUNS, connection_id)


def pump_replies(connection_id: str) -> None:
    """The agenda's handler for `messaging.reply`."""
    pump(lanes.REPLIES, connection_id)


def pump(lane: Lane, connection_id: str) -> None:
    """Send for one slice; when more is due, have the next slice hinted."""
    row = Connection.objects.filter(pk=connection_id).first()
    if row is None or not _may_send(row):
        return
    with turns.turn(lane, row.pk) as turn:
        if turn is None:
            return
        Slice(row, lane, turn).run()
    # Asked after the turn is over: whoever found it taken has committed its work by now.
    for key, due_at in lanes.due(lane, connection_id):
        with transaction.atomic():
            agenda.append(lane.kind, key, due_at)


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
        # Half of what may be in flight: the database works on one wave while the other is out.
        self.wave_size = max(1, settings.SEND_WAVE // 2)
        self.rate = row.rate_per_second or settings.SEND_RATE_PER_SECOND
        self.claim = Claim(row.pk, lane)
        self.builder = Builder(row)
        self.waiting: list[Claimed] = []
        self.flying: dict[UUID, Claimed] = {}
        self.is_halted = False
        self.is_dry = False
        self.failures_in_a_row = 0
        self.pause = 0.0
        self.ends_at = 0.0
        self.renew_at = time.monotonic() + settings.SEND_LEASE_SECONDS / 3

    def run(self) -> None:
        """Send until the time is over, nothing is due or the provider says stop."""
        self.ends_at = time.monotonic() + settings.SEND_SLICE_SECONDS
        credentials = credentials_of(self.connection)
        try:
            with Wire(self.provider, credentials, limit=settings.SEND_WAVE) as wire:
                while self._goes_on():
                    self._step(wire)
        finally:
            self.claim.give_back([item.id for item in self.waiting])

    def _goes_on(self) -> bool:
        now = time.monotonic()
        if self.flying:
            # What outlives even this keeps its lease, and the sweeper calls it unknown.
            return now < self.ends_at + 2 * HANG_SECONDS
        if self.is_halted or now >= self.ends_at:
            return False
        return bool(self.waiting) or not self.is_dry

    def _may_start(self) -> bool:
        """Whether waves may begin: for the slice's time, and again while a request hangs."""
        if self.is_halted:
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
        if self.waiting or self.is_dry:
            return
        claimed = self.claim.take(self._claim_size())
        self.is_dry = len(claimed) < self._claim_size()
        self.waiting = self._standing(claimed, gate.Ask.STEADY) if claimed else []

    def _claim_size(self) -> int:
        """No more than a slice can send: what is claimed and not sent has to be given back."""
        a_slice = self.rate * settings.SEND_SLICE_SECONDS * 1.25
        return max(1, min(settings.SEND_CLAIM, round(a_slice)))

    def _start_wave(self, wire: Wire) -> None:
        room = min(self.wave_size, settings.SEND_WAVE - len(self.flying), len(self.waiting))
        granted = self._tokens(room)
        if granted == 0:
            return
        wave, self.waiting = self.waiting[:granted], self.waiting[granted:]
        built, broken = self.builder.build(wave)
        with transaction.atomic():
            self._stop(broken, wave)
            standing = self._standing(
                [item for item in wave if item.id in built], gate.Ask.VOLATILE
            )
            going = self.claim.begin(standing) if standing else set()
            self.claim.give_back([item.id for item in standing if item.id not in going])
        failpoints.reach(failpoints.BEFORE_WIRE)
        self.flying.update({item.id: item for item in standing if item.id in going})
        wire.start({key: built[key] for key in going})

    def _tokens(self, want: int) -> int:
        """How many may leave now; a run leaves the reserve of the burst to answers."""
        if want <= 0:
            return 0
        burst = max(1, round(self.rate / 4 * (1 - self.lane.reserve)))
        key = f"{scope.required_company_id().hex}:{self.connection.pk.hex}"
        granted, wait = limiter.take(key, rate=self.rate, burst=burst, want=want)
        if granted < want and not granted:
            self.pause = min(PATIENCE, max(wait, 0.001))
        return granted

    def _standing(self, items: Sequence[Claimed], ask: gate.Ask) -> list[Claimed]:
        """Those of our claimed messages that the gate lets pass; the others are written off."""
        batch = [item.candidate for item in items]
        judged = gate.judge(batch, now=timezone.now(), ask=ask)
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
            progress.tell(
                progress.Progress(item.id, item.thread_id, item.stream_id, PublicState.SKIPPED)
                for item in items
                if item.id in written and verdicts[item.id].decision == gate.Decision.DENY
            )

    def _take_in(self, wire: Wire) -> None:
        is_last = not self.waiting or self.is_halted
        answers = wire.collect(self.pause, len(self.flying) if is_last else self._enough())
        if not answers:
            return
        failpoints.reach(failpoints.BEFORE_RECORD)
        now = timezone.now()
        items = {answer.id: self.flying.pop(answer.id) for answer in answers}
        judged = [outcomes.judge(items[answer.id], answer, now) for answer in answers]
        record(judged, items, self.claim.token)
        self._react(judged)

    def _enough(self) -> int:
        """When so many answers are in, the next wave has room."""
        return max(1, len(self.flying) - (settings.SEND_WAVE - self.wave_size))

    def _react(self, judged: Sequence[Outcome]) -> None:
        """What the provider said of the whole connection: slow down, stop, or is it away?"""
        for outcome in judged:
            if outcome.klass == FailureClass.AUTH:
                self.is_halted = True
                states.stop(self.connection, outcome.code, outcome.detail)
                return
        throttled = [item for item in judged if item.klass == FailureClass.THROTTLED]
        if throttled:
            self._throttle(throttled)
            return
        for outcome in judged:
            lost = outcome.code == outcomes.NOT_CONNECTED
            self.failures_in_a_row = self.failures_in_a_row + 1 if lost else 0
        if self.failures_in_a_row >= CIRCUIT:
            self._wait_out("not_connected", judged[-1].detail, CIRCUIT_SECONDS)

    def _throttle(self, throttled: Sequence[Outcome]) -> None:
        dues = [outcome.due_at for outcome in throttled if outcome.due_at is not None]
        wait = (max(dues) - timezone.now()).total_seconds() if dues else THROTTLED_SECONDS
        self._wait_out(throttled[0].code, throttled[0].detail, max(wait, 0.5))

    def _wait_out(self, code: str, detail: str, seconds: float) -> None:
        self.is_halted = True
        until = timezone.now() + timedelta(seconds=seconds)
        states.throttle(self.connection, code, detail, until)

    def _keep_leases(self) -> None:
        if time.monotonic() < self.renew_at:
            return
        self.turn.renew()
        self.claim.renew([*self.flying, *(item.id for item in self.waiting)])
        self.renew_at = time.monotonic() + settings.SEND_LEASE_SECONDS / 3
