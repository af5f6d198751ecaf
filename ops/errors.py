"""The one exception that the commands show to people."""

FULL = ("No space left on device", "ENOSPC", "Disk quota exceeded")


class OperationError(Exception):
    """Something a person has to know: one sentence saying what is wrong, one saying what to do.

    `bin/*` prints it without a traceback and ends with exit code 1.
    """

    def __init__(self, what: str, cure: str = "") -> None:
        super().__init__(f"{what} {cure}".strip())
        self.what = what
        self.cure = cure


def cure_for(words: str, otherwise: str) -> str:
    """What to do about a program that failed with these words, when they speak of a full disk."""
    if any(word in words for word in FULL):
        return "The disk is full: free some space and run this again; it goes on where it stopped."
    return otherwise
