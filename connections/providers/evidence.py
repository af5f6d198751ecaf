"""The mark that travels with a message and comes back in its receipts."""

from __future__ import annotations


def mark(send_key: str, attempt: int) -> str:
    """The evidence that settles an unclear send: the row's key and which attempt this was."""
    return f"{send_key}:{attempt}"


def read_mark(text: object) -> tuple[str | None, int]:
    """(send key, attempt) of a mark that came back; the attempt may be missing."""
    if not isinstance(text, str) or not text:
        return None, 1
    key, _, attempt = text.partition(":")
    return key or None, int(attempt) if attempt.isdecimal() else 1
