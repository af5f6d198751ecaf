"""When a company is there for its customers: several times a day, but not on holidays."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from messaging.hours import is_holiday

Slot = tuple[str, str]  # "08:00", "12:00"; the end may be "24:00"
END_OF_DAY = "24:00"
DAY = timedelta(days=1)
EN_DASH = "\N{EN DASH}"  # what telephones make of a hyphen


@dataclass(frozen=True, slots=True)
class Opening:
    """The hours of a company on the wall clock of its zone.

    Attributes:
        slots: by the weekday as text ("0" is Monday), each day's from the first to the last.
        country: ISO 3166; its national holidays are closed. Empty: none.
        closed_days: days of its own, as ISO dates.
    """

    zone: str
    slots: Mapping[str, Sequence[Sequence[str]]]
    country: str = ""
    closed_days: frozenset[str] = frozenset()

    def is_open(self, moment: datetime) -> bool:
        here = moment.astimezone(ZoneInfo(self.zone))
        clock = here.strftime("%H:%M")
        return any(start <= clock < end for start, end in self._slots_of(here.date()))

    def day_of(self, moment: datetime) -> date:
        """The day that it is there."""
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def after(self, start: datetime, open_time: timedelta) -> datetime:
        """The moment at which it was open for so long since `start`, in UTC; a company without any
        hours never closes."""
        left, stretches = open_time, self._open_from(start)
        begin, end = next(stretches)
        while end - begin < left:
            left -= end - begin
            begin, end = next(stretches)
        return begin + left

    def open_time(self, start: datetime, end: datetime) -> timedelta:
        """For how long it was open between two moments."""
        total = timedelta()
        for begin, stop in self._open_from(start):
            if begin >= end:
                break
            total += min(stop, end) - begin
        return total

    def _open_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The stretches, in UTC, in which it is open from a moment on: endlessly, as days are."""
        start = start.astimezone(UTC)
        if not any(self.slots.values()):
            yield start, datetime.max.replace(tzinfo=UTC)
            return
        day = self.day_of(start)
        while True:
            for first, last in self._slots_of(day):
                begin, end = max(self._at(day, first), start), self._at(day, last)
                if begin < end:
                    yield begin, end
            day += DAY

    def _slots_of(self, day: date) -> Sequence[Sequence[str]]:
        if day.isoformat() in self.closed_days or is_holiday(self.country, day):
            return ()
        return self.slots.get(str(day.weekday()), ())

    def _at(self, day: date, clock: str) -> datetime:
        """A moment of the wall clock, in UTC."""
        if clock == END_OF_DAY:
            return self._at(day + DAY, "00:00")
        return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(self.zone)).astimezone(UTC)


def read_slots(text: str) -> list[Slot]:
    """The hours of a day as people write them: `08:00-12:00, 13:00-18:00`; empty: closed.

    Raises:
        ValueError: it is no hour, ends before it begins, or two overlap.
    """
    found = sorted(_slot(part) for part in text.replace(EN_DASH, "-").split(",") if part.strip())
    for (_start, end), (following, _end) in pairwise(found):
        if following < end:
            raise ValueError(text)
    return found


def write_slots(slots: Sequence[Sequence[str]]) -> str:
    """The same, for people to change."""
    return ", ".join(f"{start}-{end}" for start, end in slots)


def _slot(text: str) -> Slot:
    start, separator, end = (part.strip() for part in text.partition("-"))
    if not separator:
        raise ValueError(text)
    pair = (_clock(start), END_OF_DAY if end == END_OF_DAY else _clock(end))
    if pair[0] >= pair[1]:
        raise ValueError(text)
    return pair


def _clock(text: str) -> str:
    hours, _separator, minutes = text.replace("h", ":").partition(":")
    return time(int(hours), int(minutes or 0)).strftime("%H:%M")
