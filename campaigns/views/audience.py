"""The step "audience", with its live count."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from campaigns.enums import Step
from campaigns.forms import audience as forms
from campaigns.models import Campaign
from campaigns.services import campaigns
from campaigns.views import wizard
from campaigns.views.sentences import first_sentence
from connections.selectors import has_connection
from core.errors import DomainError, Invalid
from core.forms import show_error
from core.ids import uuid_of
from crm import audiences
from crm.services import segments
from messaging.models import Template
from team.selectors import member_of
from tenants.access import actor_of, requires
from tenants.http import MemberRequest


@requires("campaigns.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: MemberRequest) -> HttpResponse:
    """The first step of a new campaign; saving it makes the draft.

    `?import=`, `?segment=` and `?template=` choose what other pages have sent the person here for.
    """
    if not has_connection():
        return render(request, "campaigns/needs_connection.html")
    return _step(request, None)


@requires("campaigns.manage")
@require_http_methods(["GET", "HEAD", "POST"])
@wizard.of_a_draft
def audience(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- the route's word
    """Who gets it."""
    return _step(request, wizard.draft(id, Step.AUDIENCE))


@requires("campaigns.manage")
@require_GET
def count(request: MemberRequest) -> HttpResponse:
    """How many contacts are chosen, left out and remain, while somebody chooses."""
    form = forms.AudienceForm(request.GET, campaign=None)
    chosen, remaining = _count(form.included), _count(form.audience)
    left_out = chosen - remaining if chosen is not None and remaining is not None else 0
    context = {"chosen": chosen, "left_out": left_out, "remaining": remaining}
    return render(request, "campaigns/_audience_count.html", context)


@requires("segments.edit")
@require_POST
def keep(request: MemberRequest) -> HttpResponse:
    """Save what is chosen as an audience with a name, without leaving the step."""
    form = forms.AudienceForm(request.POST, campaign=None)
    name = request.POST.get("audience_name", "")
    try:
        segments.create_segment(name=name, audience=form.audience, by=member_of(request))
    except DomainError as error:
        context = {"kept_name": name, "kept_error": first_sentence(error)}
        return render(request, "campaigns/_keep_audience.html", context, status=422)
    answer = render(request, "campaigns/_keep_audience.html")
    toast = {"text": _("The audience is saved."), "tone": "success"}
    return trigger_client_event(answer, "toast", toast)


def _step(request: MemberRequest, campaign: Campaign | None) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    form = forms.AudienceForm(sent, campaign=campaign, initial=_initial(request, campaign))
    if form.is_valid():
        try:
            campaign = _save(request, campaign, form)
            return wizard.after(request, campaign, Step.AUDIENCE)
        except Invalid as error:
            form.builder.show_error(error)
            show_error(form, error)
    status = 422 if form.is_bound else 200
    context = {
        "form": form,
        "builder": form.builder,
        "template_id": request.GET.get("template", ""),
    }
    return wizard.page(request, campaign, Step.AUDIENCE, context, status=status)


def _save(request: MemberRequest, campaign: Campaign | None, form: forms.AudienceForm) -> Campaign:
    fields = {"name": form.cleaned_data["name"], "audience": form.audience}
    if campaign is not None:
        return wizard.keep(request, campaign, Step.AUDIENCE, fields)
    return campaigns.create_campaign(
        **fields, **_template(request), by=member_of(request), actor=actor_of(request)
    )


def _template(request: MemberRequest) -> dict[str, Any]:
    """The template that the person came from, with its account's number."""
    template_id = uuid_of(request.POST.get("template"))
    template = Template.objects.filter(pk=template_id).first() if template_id else None
    return {"template": template, "connection": template.connection} if template else {}


def _initial(request: MemberRequest, campaign: Campaign | None) -> dict[str, Any]:
    if campaign is not None:
        return forms.initial_of(campaign)
    for kind, field in ((forms.IMPORT, "source"), (forms.SEGMENT, "segment")):
        if chosen := uuid_of(request.GET.get(kind)):
            return {"kind": kind, field: chosen}
    return {}


def _count(audience: dict[str, Any]) -> int | None:
    """How many contacts; None while the choice is not complete."""
    try:
        return audiences.count(audiences.validate(audience))
    except Invalid:
        return None
