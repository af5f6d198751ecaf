"""Stamps: what a step was last done with, so that the next start can skip it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SKIPPED = {"__pycache__", "node_modules"}


@dataclass(frozen=True)
class Stamp:
    """A file that holds the hash of the inputs a step was finished with."""

    path: Path
    key: str

    def fresh(self) -> bool:
        """Whether the step was finished with exactly these inputs."""
        try:
            return self.path.read_text() == self.key
        except OSError:
            return False

    def write(self) -> None:
        """Note that the step is finished; call it last."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(self.key)


def digest(root: Path, patterns: Iterable[str], *more: str) -> str:
    """A hash over the names and contents of the files that match, and over `more`."""
    found = {path for pattern in patterns for path in root.glob(pattern)}
    total = hashlib.sha256("\0".join(more).encode())
    for path in sorted(found):
        name = path.relative_to(root)
        if path.is_file() and not any(_made(part) for part in name.parts):
            total.update(f"\0{name}\0".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _made(part: str) -> bool:
    """Whether a name is that of something installed, made or hidden rather than a source."""
    return part in SKIPPED or part.startswith(".")
