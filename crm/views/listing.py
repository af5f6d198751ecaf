"""The list of contacts: its rows, how many there are, its columns and named views."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Value
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from core.errors import Invalid
from core.ids import uuid_of
from crm import selectors
from crm.enums import IdentityKind
from crm.listing import columns, counting, sorting
from crm.listing.columns import Column
from crm.listing.filters import Filters
from crm.listing.looks import Look
from crm.listing.sorting import Sort
from crm.models import Contact, ContactBulk, ContactList, Segment, Tag
from crm.search import fold
from crm.services import contact_views
from crm.tag_counts import tag_counts
from team.selectors import reader_of
from tenants.access import requires
from tenants.http import MemberRequest
from tenants.permissions import granted_to

TAGS_SHOWN = 12
ROWS_OFFERED = 50  # saved audiences and lists


@require_safe
@requires("contacts.view")
def index(request: MemberRequest) -> HttpResponse:
    """Contacts in the order and columns that the reader chose; htmx gets the rows alone."""
    look = Look.of(request.GET)
    shown = _shown(request, look)
    page = sorting.page(look.filters.contacts, sort=look.sort, cursor=request.GET.get("cursor"))
    context: dict[str, Any] = {
        "rows": _rows(request, page.items, shown),
        "columns_count": len(shown) + 3,
        "next_url": f"{reverse('contacts')}?{look.query()}&cursor={page.next_cursor}"
        if page.next_cursor
        else "",
        "filters": look.filters,
    }
    if request.htmx:
        return render(request, "crm/contacts.html#rows", context)
    context |= {
        "look": look,
        "heads": [_head(look, column) for column in shown],
        "name_head": _sorting(look, "name"),
        "sorts": [(sort.label, f"?{look.sorted_by(sort).query()}", sort == look.sort)
                  for sort in Sort],
        "tags": _tag_chips(look),
        **_offered(),
        "deleted": uuid_of(request.GET.get("deleted")),
        "bulk": _bulk(request),
    }  # fmt: skip
    return render(request, "crm/contacts.html", context)


def _offered() -> dict[str, list[tuple[UUID, str]]]:
    """The saved audiences and the lists to choose from, by name: ids and names, in one query."""
    segments = Segment.objects.order_by("name").values_list(Value("segments"), "pk", "name")
    lists = ContactList.objects.order_by("name").values_list(Value("lists"), "pk", "name")
    found: dict[str, list[tuple[UUID, str]]] = {"segments": [], "lists": []}
    for kind, pk, name in segments[:ROWS_OFFERED].union(lists[:ROWS_OFFERED], all=True):
        found[kind].append((pk, name))
    return {kind: sorted(rows, key=lambda row: fold(row[1])) for kind, rows in found.items()}


@require_safe
@requires("contacts.view")
def count(request: MemberRequest) -> HttpResponse:
    """How many the list shows, beside its title: asked for by the page, so that it never waits."""
    filters = Filters.of(request.GET)
    context = {"count": counting.count(filters.contacts), "filters": filters}
    return render(request, "crm/_contacts_count.html", context)


@require_safe
@requires("contacts.view")
def choose_columns(request: MemberRequest) -> HttpResponse:
    """The dialog of the list's columns."""
    return _columns_dialog(request, Look.of(request.GET))


@require_POST
@requires("contacts.view")
def keep_columns(request: MemberRequest) -> HttpResponse:
    """Remember which columns the reader wants, in the order of the form."""
    look = Look.of(QueryDict(request.POST.get("query", "")))
    wanted = [] if request.POST.get("reset") else request.POST.getlist("column")
    try:
        contact_views.keep_columns(member=reader_of(request), keys=wanted, can=_can(request))
    except Invalid as error:
        sentence = str(error.errors["columns"][0].message)
        return _columns_dialog(request, look, error=sentence, status=422)
    return HttpResponseClientRedirect(
        f"{reverse('contacts')}?{Look(look.filters, look.sort).query()}"
    )


@require_safe
@requires("contacts.view")
def views(request: MemberRequest) -> HttpResponse:
    """The dialog that keeps what is shown under a name."""
    return _views_dialog(request, Look.of(request.GET))


@require_POST
@requires("contacts.view")
def save_view(request: MemberRequest) -> HttpResponse:
    """Keep filters, order and columns under a name."""
    look = Look.of(QueryDict(request.POST.get("query", "")))
    shown = tuple(column.key for column in _shown(request, look))
    try:
        view = contact_views.save_view(
            member=reader_of(request),
            name=request.POST.get("name", ""),
            query=Look(look.filters, look.sort, shown).query(),
            is_shared=bool(request.POST.get("is_shared")),
        )
    except Invalid as error:
        sentence = str(error.errors["name"][0].message)
        return _views_dialog(request, look, error=sentence, status=422)
    messages.success(request, _("The view is saved."))
    return HttpResponseClientRedirect(f"{reverse('contacts')}?{view.query}")


@require_POST
@requires("contacts.view")
def delete_view(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """Forget a view."""
    contact_views.delete_view(member=reader_of(request), view_id=id)
    if request.htmx:
        return _views_dialog(request, Look.of(QueryDict(request.POST.get("query", ""))))
    return redirect("contacts")


def _shown(request: MemberRequest, look: Look) -> list[Column]:
    """The columns of the address, else the reader's own; what there is no more is left out."""
    wanted = look.columns or columns.chosen_by(reader_of(request))
    return columns.named(wanted, _can(request))


def _rows(request: MemberRequest, items: list[Contact], shown: list[Column]) -> list[Any]:
    """Each contact with the cells of its row."""
    cells = columns.cells(request, items, shown)
    has_email = any(column.key == "email" for column in shown)
    return [
        {
            "contact": contact,
            "title": selectors.shown_name(contact),
            "below": "" if has_email else selectors.shown_identity(contact, IdentityKind.EMAIL),
            "cells": cells[contact.pk],
        }
        for contact in items
    ]


def _head(look: Look, column: Column) -> dict[str, Any]:
    return {"label": column.label, **(_sorting(look, column.sort) if column.sort else {})}


def _sorting(look: Look, by: str) -> dict[str, Any]:
    """Where a head leads that sorts: upwards by names and downwards by times first, then turned."""
    first = Sort(by if by == "name" else f"-{by}")
    is_current = look.sort.by == by
    following = look.sort.turned if is_current else first
    state = ("ascending" if look.sort.is_ascending else "descending") if is_current else "none"
    return {"url": f"?{look.sorted_by(following).query()}", "aria": state}


def _bulk(request: MemberRequest) -> ContactBulk | None:
    """The change of many that the reader has just asked for."""
    pk = uuid_of(request.GET.get("bulk"))
    if pk is None:
        return None
    return ContactBulk.objects.filter(pk=pk).select_related("undone_by").first()


def _columns_dialog(
    request: MemberRequest, look: Look, *, error: str = "", status: int = 200
) -> HttpResponse:
    shown = [column.key for column in _shown(request, look)]
    known = columns.offered(_can(request))
    rest = [key for key in known if key not in shown]
    context = {
        "choices": [(known[key], key in shown) for key in (*shown, *rest)],
        "query": look.query(),
        "error": error,
    }
    return render(request, "crm/_contact_columns.html", context, status=status)


def _views_dialog(
    request: MemberRequest, look: Look, *, error: str = "", status: int = 200
) -> HttpResponse:
    member = reader_of(request)
    context = {
        "views": contact_views.views_of(member),
        "me": member,
        "query": look.query(),
        "error": error,
    }
    return render(request, "crm/_contact_views.html", context, status=status)


def _can(request: MemberRequest) -> frozenset[str]:
    return granted_to(request.membership.role)


def _tag_chips(look: Look) -> list[dict[str, Any]]:
    """Chips that add a tag to the filter or take it away, the most used first.

    A tag that is younger than the counts shows without one.
    """
    filters = look.filters
    ids, counts = filters.tag_ids, tag_counts()
    tags = [tag for tag in Tag.objects.order_by("key") if tag.pk in ids or counts.get(tag.pk) != 0]
    tags.sort(key=lambda tag: -counts.get(tag.pk, 0))
    beside = look.beside_filters()
    return [
        {
            "tag": tag,
            "count": counts.get(tag.pk),
            "is_chosen": tag.pk in ids,
            "url": f"?{filters.query(tag_ids=ids ^ {tag.pk})}{'&' if beside else ''}{beside}",
        }
        for tag in tags[: TAGS_SHOWN + len(ids)]
    ]
