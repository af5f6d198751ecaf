"""What the socket would have said: for pages that cannot have one, and to fill gaps."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from core import realtime, topics
from team import presence
from team.selectors import member_of
from tenants.access import requires
from tenants.http import MemberRequest

MAX_TOPICS = 100
HERE = ("open", "active")


@require_safe
@requires("company.view")
def live(request: MemberRequest) -> HttpResponse:
    """`GET live?since=<cursor>&topics=a,b:id` → `{"cursor", "events", "reset"}`.

    `here=open` or `here=active` says that the page is open, as the socket's `here` does.
    Topics that the member may not hear are left out in silence, as if nothing happened there.
    """
    member = member_of(request)
    here = request.GET.get("here", "")
    if member is not None and here in HERE:
        presence.note(
            company_id=request.company.pk, member_id=member.pk, is_active=here == "active"
        )
    wanted = [topic for topic in request.GET.get("topics", "").split(",") if topic][:MAX_TOPICS]
    granted = topics.allowed_of(member, wanted)
    missed = realtime.since(request.company.pk, request.GET.get("since"), granted)
    answer: dict[str, Any] = {
        "cursor": missed.cursor,
        "events": [event._asdict() for event in missed.events],
        "reset": missed.reset,
    }
    return JsonResponse(answer)
