"""Whether this process was asked to end: long work looks here between two steps of its own.

Celery's threads and the scanner finish what they have begun; what they have not begun they leave
to the next process.
"""

from threading import Event

_asked = Event()


def ask() -> None:
    """Somebody (a signal) wants the process to end."""
    _asked.set()


def is_asked() -> bool:
    """Whether to begin nothing more."""
    return _asked.is_set()


def forget() -> None:
    """Go on as if nobody had asked (tests)."""
    _asked.clear()
