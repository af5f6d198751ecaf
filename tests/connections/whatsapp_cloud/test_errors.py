"""Graph's errors in words."""

import pytest

from connections.providers.whatsapp_cloud.errors import told_once


@pytest.mark.parametrize(
    ("message", "details", "told"),
    [
        ("Message undeliverable", "Message Undeliverable.", "Message undeliverable"),
        (
            "(#131026) Message undeliverable",
            "Message Undeliverable.",
            "(#131026) Message undeliverable",
        ),
        ("Too many", "Too many messages.", "Too many messages."),
        ("Stopped", "By user.", "Stopped: By user."),
        ("Stopped", "", "Stopped"),
        ("", "By user.", "By user."),
    ],
)
def test_what_is_said_twice_is_told_once(message: str, details: str, told: str) -> None:
    assert told_once(message, details) == told
