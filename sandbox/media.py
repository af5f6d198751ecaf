"""Media files of the stand-ins: bytes on disk, facts beside them."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson


@dataclass(frozen=True, slots=True)
class Media:
    """One file; ``expires_at`` in epoch seconds, ``sha256`` hexadecimal, ``size`` in bytes."""

    id: str
    owner: str
    mime: str
    sha256: str
    size: int
    filename: str
    expires_at: float


class MediaStore:
    """A folder with two files per id: the bytes, and their facts as JSON."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def put(
        self, content: bytes, *, owner: str, mime: str, filename: str, expires_at: float
    ) -> Media:
        """Store ``content`` for the phone number ``owner`` under a fresh id."""
        media = Media(
            id=str(secrets.randbelow(9 * 10**15) + 10**15),
            owner=owner,
            mime=mime,
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            filename=filename,
            expires_at=expires_at,
        )
        self._bytes(media.id).write_bytes(content)
        self._facts(media.id).write_bytes(orjson.dumps(asdict(media)))
        return media

    def get(self, media_id: str) -> Media | None:
        """The facts, None for an unknown id."""
        if not media_id.isdigit() or not self._facts(media_id).exists():
            return None
        return Media(**orjson.loads(self._facts(media_id).read_bytes()))

    def path(self, media_id: str) -> Path:
        """Where the bytes of a known id are."""
        return self._bytes(media_id)

    def drop(self, media_id: str) -> None:
        """Delete a known id."""
        self._bytes(media_id).unlink(missing_ok=True)
        self._facts(media_id).unlink(missing_ok=True)

    def wipe(self) -> None:
        """Delete everything."""
        for path in self._folder.iterdir():
            path.unlink()

    def _bytes(self, media_id: str) -> Path:
        return self._folder / f"{media_id}.bin"

    def _facts(self, media_id: str) -> Path:
        return self._folder / f"{media_id}.json"
