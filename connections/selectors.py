"""Reads of connections, shaped for those who use them."""

from __future__ import annotations

from connections.models import Connection
from connections.providers.base import Credentials, Provider
from connections.registry import provider


def provider_of(connection: Connection) -> Provider:
    """The provider that speaks for this connection."""
    return provider(connection.provider)


def credentials_of(connection: Connection) -> Credentials:
    """What the provider needs to act in its name; a plain value that may leave the ORM's side."""
    return Credentials(
        number_id=connection.external_id,
        account_id=connection.account_id,
        secrets=dict(connection.credentials),
    )
