"""A conversation's transcript: a page to print and a file to keep."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from conversations import transcript, visibility
from tenants.access import requires
from tenants.http import MemberRequest


@requires("conversations.view")
@require_safe
def show(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """The page, or with `?file=1` the text; `?notes=1` with what the team wrote to itself."""
    conversation = visibility.conversation_of(request, id)
    with_notes = request.GET.get("notes") == "1"
    told = transcript.of(conversation, with_notes=with_notes)
    if request.GET.get("file") == "1":
        return text_file(told)
    context = {"conversation": conversation, "transcript": told, "with_notes": with_notes}
    return render(request, "conversations/transcript.html", context)


def text_file(told: transcript.Transcript) -> HttpResponse:
    """The transcript as a file to download; nobody's name is in the file's."""
    response = HttpResponse(transcript.as_text(told), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="conversation.txt"'
    return response
