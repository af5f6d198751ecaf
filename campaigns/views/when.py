"""The step "when"."""

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from campaigns.enums import Step
from campaigns.forms import when as forms
from campaigns.views import wizard
from core.errors import Invalid
from core.forms import show_error
from tenants.access import requires
from tenants.http import MemberRequest

LIMITS = ("rate_per_minute", "expires_at", "budget")


@requires("campaigns.manage")
@require_http_methods(["GET", "HEAD", "POST"])
@wizard.of_a_draft
def when(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- the route's word
    """When it starts, at what hours, how fast, until when and for how much."""
    campaign = wizard.draft(id, Step.WHEN)
    form = forms.WhenForm(request.POST or None, initial=forms.initial_of(campaign))
    if form.is_valid():
        try:
            campaign = wizard.keep(request, campaign, Step.WHEN, form.fields_of_draft)
            return wizard.after(request, campaign, Step.WHEN)
        except Invalid as error:
            show_error(form, error)
    context = {"form": form, "limits_open": any(form[name].value() for name in LIMITS)}
    return wizard.page(request, campaign, Step.WHEN, context, status=422 if form.is_bound else 200)
