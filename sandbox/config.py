"""What is decided when the process starts and holds until it ends."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Config:
    """Start options of one sandbox process.

    ``port`` and ``smtp_port`` may be 0: the system chooses ``port``; SMTP is then off.
    ``webhook_base`` is the product's address; the seeded account posts to
    ``<webhook_base>/webhooks/meta/`` until somebody subscribes another address.
    """

    state_dir: Path
    host: str = "127.0.0.1"
    port: int = 5050
    smtp_port: int = 0
    webhook_base: str = "http://127.0.0.1:5000"
