"""What higher apps add to contacts: panels and timeline entries of a contact's page, and who needs
a saved audience.

Imports go down only, so the pages know no conversation and no campaign; they register here in
AppConfig.ready().
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.functional import Promise

from crm.models import Contact

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Panel:
    """A box on a contact's page.

    Attributes:
        permission: who sees it (tenants.permissions).
        order: smaller is higher.
        template: rendered with `context(request, contact)` and `contact`.
    """

    name: str
    permission: str
    order: int
    template: str
    context: Callable[[HttpRequest, Contact], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened with a contact, as its timeline shows it."""

    at: datetime
    icon: str
    title: Text
    text: Text = ""
    url: str = ""
    tone: str = "neutral"


@dataclass(frozen=True, slots=True)
class Timeline:
    """A source of timeline entries; `load(contact, limit)` returns its newest few."""

    name: str
    permission: str
    load: Callable[[Contact, int], Iterable[Entry]]


@dataclass(frozen=True, slots=True)
class Use:
    """Something that needs a saved audience, with the page where that can be changed (lazy: the
    API, which asks too, has no pages)."""

    label: Text
    url: Text


# The things that need the saved audience of this id; few are enough.
SegmentUse = Callable[[UUID], Iterable[Use]]

panels: list[Panel] = []
timelines: list[Timeline] = []
segment_uses: list[SegmentUse] = []


def add_panel(panel: Panel) -> None:
    """Show a panel on every contact's page."""
    panels.append(panel)
    panels.sort(key=lambda item: item.order)


def add_timeline(source: Timeline) -> None:
    """Have a source's entries in every contact's timeline."""
    timelines.append(source)


def add_segment_use(find: SegmentUse) -> None:
    """Keep saved audiences that `find` knows a use of from being deleted."""
    segment_uses.append(find)


def uses_of(row_id: UUID) -> list[Use]:
    """What needs a saved audience, or a tag that audiences name, now."""
    return [use for find in segment_uses for use in find(row_id)]


def entries_of(contact: Contact, can: frozenset[str], *, limit: int = 30) -> list[Entry]:
    """The newest entries of all sources that somebody with these permissions may see."""
    found = [
        entry
        for source in timelines
        if source.permission in can
        for entry in source.load(contact, limit)
    ]
    return sorted(found, key=lambda entry: entry.at, reverse=True)[:limit]
