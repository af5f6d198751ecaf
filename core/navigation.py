"""What apps contribute to the shell: an entry of the sidebar, a tab of a page that several of them
make up, a step of the first-run checklist, a source of the search palette. Each fills its registry
in AppConfig.ready(); the shell knows no app by name.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the sidebar.

    Attributes:
        url_name: a name in the company's urlconf.
        permission: who sees it (tenants.permissions).
        order: smaller is higher; `footer` entries stand at the bottom.
        badge: a small number from the request (unread conversations), 0 for none.
        live_topic: the topic whose hints make the badge refetch.
        go: the key that leads here after `g` (`g i` for the inbox).
        section: whose tabs' pages belong to it too, wherever they lie (`Tab`).
    """

    label: Text
    url_name: str
    icon: str
    permission: str
    order: int
    footer: bool = False
    badge: Callable[[HttpRequest], int] | None = None
    live_topic: str = ""
    go: str = ""
    section: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of a section: pages of several apps that people use as one place.

    Attributes:
        code: how its own page names it (`{% section_tabs "webhooks" "events" %}`).
        count: a small number beside it, asked for with each page; 0 shows none.
    """

    code: str
    label: Text
    url_name: str
    permission: str
    order: int
    count: Callable[[], int] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the first-run checklist; `is_done` asks the company's rows (one cheap query)."""

    title: Text
    why: Text
    action: Text
    url_name: str
    icon: str
    permission: str
    order: int
    is_done: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Found:
    """A line of the search palette."""

    label: str
    hint: str
    url: str
    icon: str


@dataclass(frozen=True, slots=True)
class Source:
    """Searches one kind of thing; `find(text, limit)` returns the best few in one query."""

    label: Text
    permission: str
    order: int
    find: Callable[[str, int], Iterable[Found]]


entries: list[Entry] = []
tabs: dict[str, list[Tab]] = {}
steps: list[Step] = []
sources: list[Source] = []


def add_entry(entry: Entry) -> None:
    """Announce a line of the menu, once, at start-up."""
    entries.append(entry)
    entries.sort(key=lambda item: item.order)


def add_tab(section: str, tab: Tab) -> None:
    """Announce a tab of a section, once, at start-up."""
    tabs.setdefault(section, []).append(tab)
    tabs[section].sort(key=lambda item: item.order)


def add_step(step: Step) -> None:
    """Announce a first step of a new company, once, at start-up."""
    steps.append(step)
    steps.sort(key=lambda item: item.order)


def add_source(source: Source) -> None:
    """Announce something that the palette searches, once, at start-up."""
    sources.append(source)
    sources.sort(key=lambda item: item.order)
