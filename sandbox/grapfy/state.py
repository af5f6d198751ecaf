"""What the Grapfy stand-in lists."""

from __future__ import annotations

from typing import Any

DEMO_TOKEN = "sandbox-grapfy-token"  # noqa: S105 -- a stand-in's token opens nothing


class Grapfy:
    """The events that are listed, and whose token lists them."""

    def __init__(self) -> None:
        self.token = DEMO_TOKEN
        self.events: list[dict[str, Any]] = []

    def restore_seed(self) -> None:
        """Nothing happened yet."""
        self.token, self.events = DEMO_TOKEN, []
