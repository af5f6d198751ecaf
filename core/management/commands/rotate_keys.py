"""``manage.py rotate_keys``: move all secrets onto the first key of ENCRYPTION_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import crypto, rotation


class Command(BaseCommand):
    """Put a new key in front of ENCRYPTION_KEYS, restart, run this, then drop the old key."""

    help = "Re-encrypts every secret of every company with the current key. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="only count; 1 if a key is missing"
        )
        parser.add_argument("--batch", type=int, default=rotation.BATCH, help="rows at a time")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            self._rotate(options["batch"])
        self._report()

    def _rotate(self, batch: int) -> None:
        try:
            for schema, label, count in rotation.rotate_all(batch=batch):
                if count:
                    self.stdout.write(f"{schema}: {label}: {count}")
        except crypto.DecryptionError as error:
            raise CommandError(f"Stopped: a value is {error}. Nothing was lost.") from None

    def _report(self) -> None:
        ring = crypto.keyring()
        usage = rotation.key_usage()
        for key_id, count in sorted(usage.items()):
            note = (
                "current" if key_id == ring.current else "old" if key_id in ring.keys else "MISSING"
            )
            self.stdout.write(f"key {key_id} ({note}): {count} values")
        missing = sorted(set(usage) - set(ring.keys))
        if missing:
            raise CommandError(f"Not in ENCRYPTION_KEYS, but in use: {', '.join(missing)}.")
