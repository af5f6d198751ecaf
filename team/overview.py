"""The numbers on a company's first page: each app adds its own in AppConfig.ready()."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from core.navigation import Text
from tenants.http import MemberRequest
from tenants.permissions import granted_to


@dataclass(frozen=True, slots=True)
class Tile:
    """A number with a label. `value` runs inside the company and costs one cheap query."""

    label: Text
    value: Callable[[], int | str]
    icon: str
    url_name: str
    permission: str
    order: int


tiles: list[Tile] = []


def add(tile: Tile) -> None:
    """Announce a tile, once, at start-up."""
    tiles.append(tile)
    tiles.sort(key=lambda item: item.order)


def visible(request: MemberRequest) -> list[dict[str, Any]]:
    """The tiles that this member may see, with their numbers of now."""
    can = granted_to(request.membership.role)
    return [
        {
            "label": tile.label,
            "value": tile.value(),
            "icon": tile.icon,
            "url": reverse(tile.url_name),
        }
        for tile in tiles
        if tile.permission in can
    ]
