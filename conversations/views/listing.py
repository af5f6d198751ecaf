"""The list pane of the inbox: its tabs, rows, filters, saved views, and what search finds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.messages import success
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from connections.selectors import alive
from conversations import listing, search
from conversations.enums import ConversationStatus
from conversations.filters import Due, Filters, Order, Who
from conversations.models import Label, SavedView
from conversations.rows import found_row_of, row_of
from conversations.services import inbox_settings, reply_clock, saved_views
from core.errors import Invalid
from core.keyset import Page
from crm.enums import Channel
from team.models import Team
from team.selectors import active_members, reader_of
from tenants.access import requires
from tenants.http import MemberRequest

FOUND = "conversations/_found.html"
ROWS = "conversations/_rows.html"


@requires("conversations.view")
@require_safe
def index(request: MemberRequest) -> HttpResponse:
    """The list, or what search finds; htmx gets the rows alone."""
    if not request.htmx:
        return render(request, "conversations/inbox.html", list_context(request))
    context = rows_context(request)
    return render(request, FOUND if context["q"] else ROWS, context)


@requires("conversations.view")
@require_safe
def tabs(request: MemberRequest) -> HttpResponse:
    """The tabs with their numbers, which live hints fetch again."""
    return render(request, "conversations/_tabs.html", _tabs(request, Filters.of(request.GET)))


@requires("conversations.view")
@require_safe
def filters(request: MemberRequest) -> HttpResponse:
    """The dialog of all filters and of the member's views."""
    return _filters_dialog(request)


@requires("conversations.view")
@require_POST
def save_view(request: MemberRequest) -> HttpResponse:
    """Keep the filters under a name and show what they show."""
    query = request.POST.get("query", "")
    try:
        view = saved_views.save_view(
            member=reader_of(request), name=request.POST.get("name", ""), query=query
        )
    except Invalid as error:
        sentence = str(error.errors["name"][0].message)
        return _filters_dialog(request, query=query, error=sentence, status=422)
    success(request, _("Kept. You find it under “Filters and views”."))
    return HttpResponseClientRedirect(f"{reverse('inbox')}?{view.query}")


@requires("conversations.view")
@require_POST
def delete_view(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """Forget one of the member's views."""
    saved_views.delete_view(member=reader_of(request), view_id=id)
    return _filters_dialog(request, query=request.POST.get("query", ""))


@requires("conversations.reply")
@require_safe
def chosen(request: MemberRequest) -> HttpResponse:
    """What can be done with the conversations that are chosen in the list."""
    settings = inbox_settings.current()
    context = {
        "members": active_members(),
        "me": reader_of(request),
        "labels": Label.objects.all(),
        "asks_rating": settings.asks_rating,
        "asks_rating_in_bulk": settings.asks_rating_in_bulk,
    }
    return render(request, "conversations/_chosen.html", context)


def list_context(request: MemberRequest) -> dict[str, Any]:
    """Everything that the list pane shows."""
    asked = Filters.of(request.GET)
    return {
        **rows_context(request),
        **_tabs(request, asked),
        "list_query": list_query(request),
        "pairs": asked.pairs(),
        "chips": listing.chips(asked),
        "clear_url": f"?{asked.cleared().query()}",
    }


def rows_context(request: MemberRequest) -> dict[str, Any]:
    """The rows of the list alone, or of what was searched for."""
    asked, q = Filters.of(request.GET), request.GET.get("q", "").strip()
    context = {"filters": asked, "q": q}
    return {**context, **(_found(request, q) if q else _rows(request, asked))}


def list_query(request: MemberRequest) -> str:
    """What the list shows, for the addresses that lead back to it."""
    q = request.GET.get("q", "").strip()
    return _joined(Filters.of(request.GET).query(), urlencode({"q": q}) if q else "")


def _rows(request: MemberRequest, asked: Filters) -> dict[str, Any]:
    page = listing.page(asked, member=reader_of(request), cursor=request.GET.get("cursor"))
    query = asked.query()
    return {
        "rows": [row_of(row, query, asked.order) for row in page.items],
        "is_ascending": listing.is_ascending(asked.order),
        "next_url": _next(query, page.next_cursor),
    }


def _found(request: MemberRequest, q: str) -> dict[str, Any]:
    """People first, a few of them; then messages. Further pages hold one of the two alone."""
    part, cursor, query = (
        request.GET.get("part", ""),
        request.GET.get("cursor"),
        list_query(request),
    )
    people = messages = Page([], "")
    member = reader_of(request)
    if part != "messages":
        size = search.SIZE if part == "people" else search.PEOPLE_SHOWN
        people = search.people_page(q, member=member, cursor=cursor, size=size)
    if part != "people":
        messages = search.message_page(q, member=member, cursor=cursor, size=search.SIZE)
    return {
        "part": part,
        "is_first": not cursor,
        "rows": [row_of(row, query) for row in people.items],
        "people_url": _next(f"{query}&part=people", people.next_cursor if part else ""),
        "all_people_url": f"?{query}&part=people" if people.next_cursor and not part else "",
        "hits": [found_row_of(hit, query) for hit in messages.items],
        "next_url": _next(f"{query}&part=messages", messages.next_cursor),
    }


def _tabs(request: MemberRequest, asked: Filters) -> dict[str, Any]:
    counted = listing.counters(asked, member=reader_of(request))
    return {
        "tabs_query": asked.query(),
        "status_tabs": [
            _tab(asked.query(status=value), label, value == asked.status, counted.status.get(value))
            for value, label in _status_labels()
        ],
        "who_tabs": [
            _tab(asked.query(who=who), who.label, who == asked.who, counted.who.get(who))
            for who in Who
        ],
        "due_tabs": [
            _due_tab(asked, due, counted.due[due])
            for due in (Due.LATE, Due.SOON)
            if counted.due[due] or due == asked.due
        ],
    }


def _tab(query: str, label: Any, is_current: bool, count: int | None) -> dict[str, Any]:
    shown = f"{listing.COUNTED - 1}+" if count == listing.COUNTED else count or ""
    return {"url": f"?{query}", "label": label, "is_current": is_current, "count": shown}


def _due_tab(asked: Filters, due: Due, count: int) -> dict[str, Any]:
    """Pressed once more, it shows all again."""
    is_current = due == asked.due
    query = asked.query(status=ConversationStatus.OPEN, due="" if is_current else due)
    tone = "danger" if due == Due.LATE else "warning"
    return {**_tab(query, due.label, is_current, count), "tone": tone}


def _status_labels() -> Iterator[tuple[str, str]]:
    """The plural of each status, which Portuguese tells from the singular."""
    yield ConversationStatus.OPEN, pgettext("conversations", "Open")
    yield ConversationStatus.PENDING, pgettext("conversations", "Pending")
    yield ConversationStatus.SNOOZED, pgettext("conversations", "Snoozed")
    yield ConversationStatus.RESOLVED, pgettext("conversations", "Resolved")


def _filters_dialog(
    request: MemberRequest, *, query: str | None = None, error: str = "", status: int = 200
) -> HttpResponse:
    asked = Filters.of(request.GET if query is None else QueryDict(query))
    context = {
        "filters": asked,
        "list_query": asked.query(),
        "orders": Order.choices,
        "selects": list(_selects(asked)),
        "views": SavedView.objects.filter(member=reader_of(request)),
        "error": error,
    }
    return render(request, "conversations/_filters.html", context, status=status)


def _selects(asked: Filters) -> Iterator[dict[str, Any]]:
    """The filters that choose one of many; those with nothing to choose from are left out."""
    channels = [choice for choice in Channel.choices if choice[0] != Channel.VOICE]
    if reply_clock.promises() or asked.due:
        yield _select("due", _("Promised answer"), Due.choices, asked.due)
    yield _select("channel", _("Channel"), channels, asked.channel)
    rows = {
        "connection": (_("Number"), alive()),
        "label": (_("Label"), Label.objects.all()),
        "agent": (_("Assigned to"), active_members()),
        "team": (_("Team"), Team.objects.all()),
    }
    for name, (label, found) in rows.items():
        choices = [(str(row.pk), str(row)) for row in found]
        if choices:
            yield _select(name, label, choices, str(getattr(asked, name) or ""))


def _select(name: str, label: str, choices: list[Any], chosen: str) -> dict[str, Any]:
    return {"name": name, "label": label, "choices": choices, "chosen": chosen}


def _joined(*parts: str) -> str:
    return "&".join(part for part in parts if part)


def _next(query: str, cursor: str) -> str:
    return f"{reverse('inbox')}?{_joined(query, f'cursor={cursor}')}" if cursor else ""
