"""Bodies are read in pieces, so that the clock can be looked at in between."""

from io import BytesIO
from itertools import count
from types import SimpleNamespace

import pytest

from core import bodies


class Trickle:
    """A byte a second, by a clock of its own."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def read(self, size: int) -> bytes:
        self.now += size
        return b"x" * size


@pytest.mark.parametrize("length", [0, 1, 64, 65, 10_000])
def test_what_comes_is_read_as_it_is(length: int) -> None:
    body = bytes(index % 251 for index in range(length))
    stream = BytesIO(body + b"of the next one")
    assert bodies.read(stream, length) == body
    assert stream.read() == b"of the next one"


def test_who_hangs_up_on_the_way_has_sent_less() -> None:
    assert bodies.read(BytesIO(b"half"), 1_000) == b"half"


def test_a_byte_a_second_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Trickle()
    monkeypatch.setattr(bodies, "time", SimpleNamespace(monotonic=lambda: stream.now))
    with pytest.raises(bodies.TooSlow):
        bodies.read(stream, 1_000_000)
    assert stream.now - 1_000 <= bodies.SECONDS + bodies.PIECE_BYTES


def test_a_large_body_that_keeps_coming_has_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = count()  # a piece a tick: 64 bytes in a tenth of a second
    clock_in_tenths = SimpleNamespace(monotonic=lambda: next(clock) / 10)
    monkeypatch.setattr(bodies, "time", clock_in_tenths)
    assert len(bodies.read(BytesIO(b"x" * 60_000), 60_000)) == 60_000
