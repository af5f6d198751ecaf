"""What the commands say: steps with their time, in colour where someone is looking."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

CLEAR = "\r\x1b[K"  # over a step that is still running
GREEN, YELLOW, RED, BLUE, MAGENTA, CYAN, GREY = 32, 33, 31, 34, 35, 36, 90


def colourful() -> bool:
    """Whether standard output is a terminal that wants colour (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def paint(text: str, colour: int) -> str:
    """`text` in an ANSI colour, or plain when nobody would see it."""
    return f"\x1b[{colour}m{text}\x1b[0m" if colourful() else text


def say(text: str = "") -> None:
    """One line for the person at the terminal, at once."""
    print(f"{CLEAR}{text}" if colourful() else text, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Announce a step, then say how long it took: `  packages … 12.3 s`."""
    started = time.monotonic()
    if colourful():
        print(f"  {paint('•', BLUE)} {title} …", end="", flush=True)
    try:
        yield
    except BaseException:
        say(f"  {paint('✗', RED)} {title}")
        raise
    say(f"  {paint('✓', GREEN)} {title}  {paint(f'{time.monotonic() - started:.1f} s', GREY)}")
