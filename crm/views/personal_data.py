"""Everything about one person, as a file."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from crm.models import Contact
from crm.services import personal_data
from tenants.access import actor_of, requires
from tenants.http import MemberRequest


@require_POST
@requires("contacts.export")
def export(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """A JSON file of what is kept about a contact."""
    contact = get_object_or_404(Contact.objects.alive(), pk=id)
    told = personal_data.export_contact(contact=contact, actor=actor_of(request))
    options = {"indent": 2, "ensure_ascii": False}
    answer = JsonResponse(told, json_dumps_params=options)
    answer["Content-Disposition"] = f'attachment; filename="{told["contact"]}.json"'
    return answer
