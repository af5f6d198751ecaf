"""When a company is there for its customers: several times a day, but not on holidays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

from messaging.hours import is_holiday

Slot = tuple[str, str]  # "08:00", "12:00"; the end may be "24:00"
END_OF_DAY = "24:00"
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
        day = here.date()
        if day.isoformat() in self.closed_days or is_holiday(self.country, day):
            return False
        clock = here.strftime("%H:%M")
        return any(start <= clock < end for start, end in self.slots.get(str(day.weekday()), ()))

    def day_of(self, moment: datetime) -> date:
        """The day that it is there."""
        return moment.astimezone(ZoneInfo(self.zone)).date()


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
