"""The calendar of what goes out when: a month on a desk, a list on a phone."""

from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from campaigns.calendar import month
from tenants.access import requires
from tenants.http import MemberRequest

YEARS = range(2000, 2101)


@requires("campaigns.view")
@require_GET
def index(request: MemberRequest) -> HttpResponse:
    """A month (`?month=2026-11`, this one if left out), in weeks from Monday."""
    today = timezone.localdate()
    first = _first_of(request.GET.get("month", ""), today)
    days = month(first)
    context = {
        "month": first,
        "today": today,
        "weeks": [days[start : start + 7] for start in range(0, len(days), 7)],
        "busy": [day for day in days if day.campaigns and day.date.month == first.month],
        "previous": (first - timedelta(days=1)).strftime("%Y-%m"),
        "next": (first + timedelta(days=32)).strftime("%Y-%m"),
    }
    return render(request, "campaigns/calendar.html", context)


def _first_of(text: str, today: date) -> date:
    """The first day of the month that the text names; of this one for anything unreadable, or so
    far away that its weeks, or its hours, leave the calendar."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        first = today
    return (first if first.year in YEARS else today).replace(day=1)
