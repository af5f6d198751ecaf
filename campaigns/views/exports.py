"""Recipients as a file: asked for on the report, fetched by whoever may, as long as it is there."""

from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from campaigns import selectors
from campaigns.services import exports
from core.files_serve import serve
from team.selectors import member_of
from tenants.access import requires
from tenants.http import MemberRequest


@requires("campaigns.view", write="campaigns.manage")
@require_POST
def create(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- the route's word
    """Have the recipients written into a file; the bell tells when it is there."""
    exports.request(
        campaign=selectors.get_campaign(id),
        format=request.POST.get("format", ""),
        filters={name: request.POST.get(name, "") for name in exports.FILTERS},
        by=member_of(request),
    )
    message = _("The file is being made. You will be told when it is ready.")
    answer = trigger_client_event(HttpResponse(status=204), "toast", {"text": message})
    return trigger_client_event(answer, "exported", {})


@requires("campaigns.manage")
@require_GET
def download(request: MemberRequest, id: UUID) -> HttpResponseBase:  # noqa: A002
    """The finished file."""
    return serve(exports.opened(export_id=id), inline=False, request=request)
