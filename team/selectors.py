"""Reads of a company's own view of its people."""

from typing import Any

from django.db.models import QuerySet

from team.models import Member


def member_of(request: Any) -> Member | None:
    """Who is asking, as the company knows them; None for API keys, which are nobody.

    Works for pages (HttpRequest) and the API (rest_framework's Request). Asked once per request.

    Raises:
        Member.DoesNotExist: the membership has no row here, which the sync makes impossible.
    """
    inner = getattr(request, "_request", request)
    membership = getattr(inner, "membership", None)
    if membership is None:
        return None
    if not hasattr(inner, "_member"):
        inner._member = Member.objects.get(person_id=membership.person_id)
    return inner._member


def active_members() -> QuerySet[Member]:
    """Those who belong to the company now, by name."""
    return Member.objects.filter(is_active=True)
