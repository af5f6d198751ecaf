"""Checks at boot: what must hold before the first request (Django's system checks)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from core import crypto


@register("security")
def encryption_keys(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """``core.E001``: the keyring is readable and seals and opens."""
    try:
        ring = crypto.keyring()
    except (ImproperlyConfigured, AttributeError) as error:
        return [Error(str(error), id="core.E001")]
    probe = ring.decrypt(ring.encrypt(b"probe", b"check"), b"check")
    return [] if probe == b"probe" else [Error("AES-256-GCM does not work.", id="core.E001")]
