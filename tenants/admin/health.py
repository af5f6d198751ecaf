"""Connections of all companies on one page: which number is in trouble, whose is it, since when.

The rows live in the companies' schemas; the app that owns them registers how to read them. A
bounded number of companies is visited, and the answer is kept for a minute.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from core import cache, scope
from tenants.selectors import all_companies

COMPANIES_VISITED = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One connection of one company."""

    name: str
    number: str
    state: str
    detail: str
    quality: str
    checked_at: datetime | None
    last_inbound_at: datetime | None


Source = Callable[[], Iterable[Line]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Tell how the open company's connections are read, in one query."""
    _sources.append(source)


def connection_health(request: HttpRequest) -> HttpResponse:
    """The admin page; the site's `admin_view` guards it."""
    with scope.public():
        rows = cache.remember(cache.shared_key("tenants.connection_health"), cache.MEDIUM, collect)
    context = {
        **admin.site.each_context(request),
        "title": "",
        "titles": [
            _("Company"),
            _("Connection"),
            _("State"),
            _("Quality"),
            _("Last checked"),
            _("Last received"),
        ],
        "rows": rows,
        "visited": COMPANIES_VISITED,
    }
    return render(request, "tenants/admin/connection_health.html", context)


def collect() -> list[tuple[str, Line]]:
    """(company's name, line) of up to 200 companies, by name."""
    found: list[tuple[str, Line]] = []
    for company in all_companies()[:COMPANIES_VISITED]:
        with scope.opened(company):
            found += [(company.name, line) for source in _sources for line in source()]
    return found
