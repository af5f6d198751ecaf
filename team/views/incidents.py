"""What is in trouble in the company, and what was."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from events.selectors import open_incidents, past_incidents
from tenants.access import requires
from tenants.http import MemberRequest


@require_safe
@requires("incidents.view")
def index(request: MemberRequest) -> HttpResponse:
    """Open incidents first, then those that were mended."""
    context = {"open": open_incidents(), "past": past_incidents()}
    return render(request, "team/incidents.html", context)
