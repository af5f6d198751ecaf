"""What came in of a number or a source by the hour, as a part of its page."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from connections.models import Connection
from tenants.access import requires
from tenants.http import MemberRequest
from webhooks.gaps.enums import Noun
from webhooks.gaps.selectors import pulse
from webhooks.sources.models import Source


@require_safe
@requires("connections.view")
def of_connection(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """Two days of a number."""
    get_object_or_404(Connection, pk=id, deleted_at=None)
    return _shown(request, Noun.CONNECTION, id)


@require_safe
@requires("webhooks.view")
def of_source(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Two days of a source."""
    get_object_or_404(Source, pk=id, deleted_at=None)
    return _shown(request, Noun.SOURCE, id)


def _shown(request: MemberRequest, noun: Noun, key: UUID) -> HttpResponse:
    found = pulse(noun=noun, key=key, company=request.company, now=timezone.now())
    return render(request, "gaps/_pulse.html", {"pulse": found})
