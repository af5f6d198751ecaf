"""Satisfaction: what customers said of the service."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from conversations import rating_report
from conversations.rating_report import Wanted
from conversations.services import inbox_settings
from core.keyset import page_of
from crm import csv_export
from team.models import Team
from team.selectors import active_members
from tenants.access import requires
from tenants.http import MemberRequest


@requires("ratings.view")
@require_safe
def index(request: MemberRequest) -> HttpResponse:
    """The numbers of a period, by agent and by team, and the answers one by one; htmx gets those
    alone."""
    wanted = Wanted.of(request.GET)
    page = page_of(
        rating_report.answered(wanted), cursor=request.GET.get("cursor"), field="answered_at"
    )
    query = _query(wanted)
    more = urlencode({**query, "cursor": page.next_cursor})
    context: dict[str, Any] = {
        "rows": page.items,
        "next_url": f"{reverse('satisfaction')}?{more}" if page.next_cursor else "",
    }
    if request.htmx:
        return render(request, "conversations/satisfaction.html#rows", context)
    context |= {
        "wanted": wanted,
        "periods": rating_report.PERIODS,
        "summary": rating_report.summary(wanted),
        "members": active_members(),
        "teams": Team.objects.all(),
        "standings": [
            rating_report.standings(wanted, "member"),
            rating_report.standings(wanted, "team"),
        ],
        "is_asking": inbox_settings.current().asks_rating,
        "file_url": f"{reverse('satisfaction-export')}?{urlencode(query)}",
    }
    return render(request, "conversations/satisfaction.html", context)


@requires("ratings.view")
@require_safe
def export(request: MemberRequest) -> HttpResponse:
    """The answers of the period as a file."""
    return csv_export.download(_("satisfaction.csv"), rating_report.table(Wanted.of(request.GET)))


def _query(wanted: Wanted) -> dict[str, str]:
    said = {"days": wanted.days, "member": wanted.member, "team": wanted.team}
    return {name: str(value) for name, value in said.items() if value}
