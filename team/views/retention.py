"""The settings page of how long data is kept."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import Invalid
from core.retention import COUNTED, kinds
from team.models import RetentionRun
from team.selectors import member_of
from team.services import retention
from team.services.retention import Period
from tenants.access import actor_of, requires
from tenants.http import MemberRequest

OFFERED = (7, 14, 30, 60, 90, 180, 365, 730, 1095, 1825)  # days
FOR_EVER = "forever"
RUNS_SHOWN = 20


@require_safe
@requires("retention.manage")
def index(request: MemberRequest) -> HttpResponse:
    """Each kind of data with its period, and what was forgotten lately."""
    periods = retention.periods()
    runs = RetentionRun.objects.exclude(count=0)[:RUNS_SHOWN]
    context = {
        "periods": [{"period": one, "words": words(one.days)} for one in periods],
        "runs": [{"run": run, "label": _label(run.kind)} for run in runs],
    }
    return render(request, "team/retention.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("retention.manage")
def edit(request: MemberRequest) -> HttpResponse:
    """Choose another period for `?kind=`; a shorter one is saved when its count was seen."""
    code = request.GET.get("kind", "")
    period = retention.period(code)
    if request.method != "POST":
        return _form(request, period, period.days)
    try:
        days = _days(request.POST.get("days", ""))
        if _is_shorter(days, period.days) and request.POST.get("seen") != str(days):
            count = retention.preview(code=code, days=days)
            return _form(request, period, days, count=count)
        retention.set_period(code=code, days=days, by=member_of(request), actor=actor_of(request))
    except Invalid as error:
        sentence = str(error.errors["days"][0].message)
        return _form(request, period, period.days, error=sentence)
    messages.success(request, _("Saved. It applies from the next night on."))
    return redirect("retention")


def words(days: int | None) -> str:
    """So many days as people say it: "For ever", "90 days", "2 years"."""
    if days is None:
        return _("For ever")
    if days >= 365 and days % 365 == 0:
        years = days // 365
        return ngettext("%(count)d year", "%(count)d years", years) % {"count": years}
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


def _form(
    request: MemberRequest,
    period: Period,
    days: int | None,
    *,
    count: int | None = None,
    error: str = "",
) -> HttpResponse:
    context: dict[str, Any] = {
        "period": period,
        "now": words(period.days),
        "choices": list(_choices(period, days)),
        "error": error,
    }
    if count is not None:
        context["preview"] = {
            "days": days,
            "words": words(days),
            "count": count,
            "is_more": count >= COUNTED,
        }
    return render(request, "team/retention_edit.html", context, status=422 if error else 200)


def _choices(period: Period, chosen: int | None) -> list[tuple[str, str, bool]]:
    """Value, words and whether it is the chosen one."""
    offered = {day for day in (*OFFERED, period.days, chosen) if day is not None}
    rows = [day for day in sorted(offered) if period.kind.allows(day)]
    choices = [(str(day), words(day), day == chosen) for day in rows]
    if period.kind.allows(None):
        choices.append((FOR_EVER, words(None), chosen is None))
    return choices


def _days(text: str) -> int | None:
    if text == FOR_EVER:
        return None
    if not text.isdecimal() or len(text) > 6:
        raise Invalid({"days": _("Choose one of the periods.")})
    return int(text)


def _is_shorter(days: int | None, before: int | None) -> bool:
    return days is not None and (before is None or days < before)


def _label(code: str) -> str:
    return str(kinds[code].label) if code in kinds else code
