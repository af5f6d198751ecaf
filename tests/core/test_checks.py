from __future__ import annotations

import base64
from typing import Any

import pytest

from core.checks import encryption_keys


def test_a_good_keyring_passes(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = "k:" + base64.b64encode(b"x" * 32).decode()
    assert encryption_keys(None) == []


@pytest.mark.parametrize("keys", ["", "k:short"])
def test_a_bad_one_stops_the_start(settings: Any, keys: str) -> None:
    settings.ENCRYPTION_KEYS = keys
    assert [message.id for message in encryption_keys(None)] == ["core.E001"]
