"""What the palette finds while somebody types."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core import navigation
from tenants.access import requires
from tenants.http import MemberRequest
from tenants.permissions import granted_to

SHORTEST = 2
LONGEST = 80
OF_EACH = 5


@require_safe
@requires("company.view")
def search(request: MemberRequest) -> HttpResponse:
    """The best few of each kind that this member may see."""
    text = request.GET.get("q", "").strip()[:LONGEST]
    can = granted_to(request.membership.role)
    sources = [source for source in navigation.sources if source.permission in can]
    groups = [
        {"label": source.label, "items": list(source.find(text, OF_EACH))}
        for source in sources
        if len(text) >= SHORTEST
    ]
    return render(request, "shell/found.html", {"groups": groups})
