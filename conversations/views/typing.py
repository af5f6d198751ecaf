"""Who is writing into a conversation just now."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from conversations import hints, typing, visibility
from conversations.services import signals
from team.models import Member
from team.selectors import member_of
from tenants.access import requires
from tenants.http import MemberRequest


@requires("conversations.view", write="conversations.reply")
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """Colleagues who are writing; or: the one who asks is (`to`: customer or team), or ceased."""
    conversation = visibility.conversation_of(request, id)
    member = member_of(request)
    if request.method == "POST":
        if member is not None:
            _heard(conversation.pk, member, request.POST.get("to", ""))
        return HttpResponse(status=204)
    ids = [pk for pk in typing.now(conversation.pk) if member is None or pk != member.pk]
    names = [str(row) for row in Member.objects.filter(pk__in=ids).order_by("name")] if ids else []
    return render(request, "conversations/_typing.html", {"names": names})


def _heard(conversation_id: UUID, member: Member, to: str) -> None:
    if to not in ("customer", "team"):
        typing.over(conversation_id=conversation_id, member_id=member.pk)
    else:
        typing.note(conversation_id=conversation_id, member_id=member.pk)
        if to == "customer" and typing.is_customers_turn(conversation_id):
            signals.note(conversation_id=conversation_id, is_typing=True)
    hints.typing(conversation_id, member.pk)
