"""A system that is read and told nothing: the half of the port that it does not have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.providers.base import Access, Card, Grant, Refused, RemoteContact, RemoteField


class ReadOnly:
    """For providers whose `capabilities` say neither `oauth` nor `pushes`."""

    def offers_oauth(self) -> bool:
        return False

    def authorize_url(self, *, state: str, redirect_uri: str) -> str:
        raise Refused("not_offered")

    def exchange(self, params: Mapping[str, str], *, redirect_uri: str) -> Grant:
        raise Refused("not_offered")

    def remote_fields(self, access: Access) -> list[RemoteField]:
        return []

    def get(self, access: Access, external_id: str) -> RemoteContact | None:
        raise Refused("not_offered")

    def find(self, access: Access, card: Card) -> RemoteContact | None:
        raise Refused("not_offered")

    def create(self, access: Access, card: Card) -> str:
        raise Refused("not_offered")

    def update(self, access: Access, external_id: str, card: Card) -> None:
        raise Refused("not_offered")

    def create_lead(self, access: Access, *, contact: str, name: str) -> str:
        raise Refused("not_offered")

    def add_note(self, access: Access, *, lead: str, text: str, is_public: bool) -> str:
        raise Refused("not_offered")

    def find_note(self, access: Access, *, lead: str, text: str) -> str:
        raise Refused("not_offered")

    def refresh(
        self, config: Mapping[str, Any], secrets: Mapping[str, str], *, redirect_uri: str
    ) -> Grant:
        raise Refused("not_offered")
