"""“Why was this not sent?”: a dialog, and a page for whoever opens the link alone."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from messaging import sight, why
from messaging.selectors import messages_to_explain
from team.selectors import member_of
from tenants.access import requires
from tenants.http import MemberRequest
from tenants.permissions import allows


@require_safe
@requires("conversations.view")
def show(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """The verdict in everyday words, the rules that were asked, and the next step."""
    message = get_object_or_404(sight.seen(member_of(request), messages_to_explain()), pk=id)
    answer = why.of(message)
    may_go_on = answer.next and allows(request.membership.role, answer.next.permission)
    context = {
        "why": answer,
        "message": message,
        "next_url": answer.next.path(request.company) if answer.next and may_go_on else "",
    }
    template = "messaging/_why.html" if request.htmx else "messaging/why.html"
    return render(request, template, context)
