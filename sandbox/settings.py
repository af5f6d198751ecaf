"""What ``POST /_sandbox/settings`` may change while the process runs."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

from sandbox.phones import canonical

_NUMBERS = ("brazil_without_nine", "unreachable")


class SettingError(ValueError):
    """A setting is unknown or has a value of the wrong kind."""


@dataclass(slots=True)
class Settings:
    """Behaviour of the stand-ins; every field can be changed at any time.

    Durations are seconds of the real clock, rates are 0 to 1, ``clock_offset`` shifts the
    timestamps, windows and expiries that the providers judge by, not the delays. ``throughput``
    is in messages per second and number, 0 for no limit. ``async_errors`` are the codes that
    arrive as a ``failed`` status after acceptance, as Meta reports most of them, instead of
    refusing the request.
    """

    delays: dict[str, float] = field(
        default_factory=lambda: {"sent": 0.2, "delivered": 0.8, "read": 2.0}
    )
    delivered_rate: float = 1.0
    read_rate: float = 1.0
    seed: int = 7
    batch: int = 100
    webhook_timeout: float = 10.0
    webhook_attempts: int = 20
    throughput: int = 0
    pair_rate: bool = False
    pair_burst: int = 45
    enforce_window: bool = True
    async_errors: list[int] = field(default_factory=lambda: [131026, 131047])
    template_approval_delay: float = 3.0
    extra_templates: int = 0
    clock_offset: float = 0.0
    brazil_without_nine: frozenset[str] = frozenset()
    unreachable: frozenset[str] = frozenset()
    sms_price: float = 0.05  # USD for each part of an SMS
    fsync: bool = False

    def change(self, changes: dict[str, Any]) -> None:
        """Apply ``changes`` as a whole or not at all.

        ``clock`` is a convenience: an RFC 3339 time that the providers shall believe in now, or
        null for the real time. Raises SettingError naming the first bad entry.
        """
        checked = {name: self._checked(name, value) for name, value in changes.items()}
        for name, value in checked.items():
            if name == "clock":
                self.clock_offset = value
            elif name == "delays":
                self.delays = {**self.delays, **value}
            else:
                setattr(self, name, value)

    def public(self) -> dict[str, Any]:
        """All settings as JSON-ready values."""
        numbers = {name: sorted(getattr(self, name)) for name in _NUMBERS}
        return {**asdict(self), **numbers}

    def _checked(self, name: str, value: Any) -> Any:
        if name == "clock":
            return _offset_to(value)
        if name not in {entry.name for entry in fields(self)}:
            raise SettingError(f"unknown setting: {name}")
        return _like(name, getattr(self, name), value)


class Clock:
    """The time that the stand-ins believe in."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def now(self) -> float:
        """Seconds since the epoch, shifted by ``clock_offset``."""
        return time.time() + self._settings.clock_offset


def _offset_to(value: Any) -> float:
    if value is None:
        return 0.0
    try:
        return datetime.fromisoformat(str(value)).timestamp() - time.time()
    except ValueError as error:
        raise SettingError(f"clock: {error}") from error


def _like(name: str, current: Any, value: Any) -> Any:
    """``value``, converted to the kind of ``current``."""
    if isinstance(current, bool):
        if isinstance(value, bool):
            return value
    elif isinstance(current, (int, float)):
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return type(current)(value)
    elif isinstance(current, dict):
        if isinstance(value, dict) and set(value) <= set(current):
            return {key: float(number) for key, number in value.items()}
    elif isinstance(value, list):
        if name in _NUMBERS:
            return frozenset(canonical(str(entry)) for entry in value)
        return [int(code) for code in value]
    raise SettingError(f"{name}: a value like {current!r} is expected")
