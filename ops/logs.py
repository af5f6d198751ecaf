"""The log of one process: a file that cannot grow without end."""

from pathlib import Path

LONGEST = 200  # characters of a line that goes into a sentence
LIMIT = 5 << 20  # bytes in a file before it becomes `<name>.log.1`


class CappedLog:
    """Appends lines; keeps one earlier file of the same size beside the current one."""

    def __init__(self, path: Path, limit: int = LIMIT) -> None:
        self.path = path
        self.limit = limit
        self._open()

    def _open(self) -> None:
        self._file = self.path.open("ab", buffering=0)
        self._size = self._file.tell()

    def write(self, line: bytes) -> None:
        """Append one line; a full disk loses the line rather than the process that wrote it."""
        try:
            if self._size > self.limit:
                self._file.close()
                self.path.replace(self.path.with_name(f"{self.path.name}.1"))
                self._open()
            self._size += self._file.write(line + b"\n")
        except OSError:
            return

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def last_words(path: Path, lines: int = 3) -> str:
    """The end of a log as one sentence, for the message about a process that gave up."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 4000))
            text = file.read().decode(errors="replace")
    except OSError:
        return "it left no log"
    found = [line.strip() for line in text.splitlines() if line.strip()]
    return " / ".join(line[:LONGEST] for line in found[-lines:]) or "it left no log"
