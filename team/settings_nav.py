"""The pages below "Settings": each app adds its own in AppConfig.ready()."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from core.navigation import Text
from tenants.http import MemberRequest
from tenants.permissions import granted_to


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the navigation; `permission` says who sees it, smaller order is higher."""

    label: Text
    url_name: str
    icon: str
    permission: str
    order: int


entries: list[Entry] = []


def add(entry: Entry) -> None:
    """Announce a page of the settings, once, at start-up."""
    entries.append(entry)
    entries.sort(key=lambda item: item.order)


def visible(request: MemberRequest) -> list[dict[str, Any]]:
    """The entries that this member may open, as layouts/settings.html shows them."""
    can = granted_to(request.membership.role)
    return [
        {
            "label": entry.label,
            "url": reverse(entry.url_name),
            "icon": entry.icon,
            "current": request.path.startswith(reverse(entry.url_name)),
        }
        for entry in entries
        if entry.permission in can
    ]
