"""Making and changing drafts."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from campaigns import forms, selectors
from campaigns.models import Campaign
from campaigns.services import campaigns
from connections.models import Connection
from core.errors import DomainError, Invalid
from core.ids import uuid_of
from crm import audiences
from messaging.models import Template
from messaging.rendering import examples
from messaging.rendering import render as render_template
from team.selectors import member_of
from tenants.access import actor_of, requires
from tenants.http import MemberRequest

Page = HttpResponse


@requires("campaigns.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: MemberRequest) -> Page:
    """The form of a new campaign; saving it leads to its check."""
    if not Connection.objects.filter(deleted_at=None).exists():
        return render(request, "campaigns/needs_connection.html")
    return _edit(request, None)


@requires("campaigns.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: MemberRequest, id: UUID) -> Page:  # noqa: A002 -- the route's word
    """The form of a draft."""
    return _edit(request, selectors.get_campaign(id))


@requires("campaigns.manage")
@require_GET
def variables(request: MemberRequest) -> Page:
    """The fields of the chosen template's variables and its preview, while the form is filled."""
    return render(request, "campaigns/_message.html", _message_context(request.GET, {}))


@requires("campaigns.manage")
@require_GET
def audience(request: MemberRequest) -> Page:
    """How many contacts the audience has, while it is chosen."""
    form = forms.CampaignForm(request.GET)
    try:
        count = audiences.count(audiences.validate(form.audience))
    except Invalid:
        count = None
    return render(request, "campaigns/_audience_count.html", {"count": count})


@requires("campaigns.manage")
@require_POST
def delete(request: MemberRequest, id: UUID) -> Page:  # noqa: A002
    """Put a draft away."""
    campaigns.delete_campaign(campaign=selectors.get_campaign(id))
    return HttpResponseClientRedirect(reverse("campaigns"))


def _edit(request: MemberRequest, campaign: Campaign | None) -> Page:
    stored = campaign.variables if campaign else {}
    data = request.POST or None
    form = forms.CampaignForm(data, initial=_initial(request, campaign))
    message = _message_context(data or form.initial, stored)
    if data is not None and form.is_valid():
        try:
            saved = _save(request, campaign, form, message["variable_forms"])
            return redirect("campaign", id=saved.pk)
        except Invalid as error:
            _show(error, form, message["variable_forms"])
    context = {"form": form, "campaign": campaign, **message}
    return render(request, "campaigns/form.html", context, status=422 if data else 200)


def _initial(request: MemberRequest, campaign: Campaign | None) -> dict[str, Any]:
    if campaign is not None:
        return forms.initial_of(campaign)
    batch = uuid_of(request.GET.get("import"))
    chosen = {"template": request.GET.get("template", "")}
    return {**chosen, "audience_kind": "import", "source": batch} if batch else chosen


def _message_context(data: Any, stored: Any) -> dict[str, Any]:
    template_id = uuid_of(str(data.get("template") or ""))
    found = Template.objects.filter(pk=template_id, deleted_at=None) if template_id else None
    template = found.first() if found is not None else None
    items = forms.variable_forms(
        template, data=data, stored=stored, attributes=selectors.attribute_keys()
    )
    return {"template": template, "variable_forms": items, "preview": _preview(template, items)}


def _preview(template: Template | None, items: list[forms.VariableForm]) -> Any:
    """The message as it will look: fixed texts as they are, fields by the template's examples."""
    if template is None:
        return None
    values = examples(template)
    for item in items:
        values[item.name] = item.spec.get("value") or values.get(item.name, "")
    return render_template(template, values)


def _save(
    request: MemberRequest,
    campaign: Campaign | None,
    form: forms.CampaignForm,
    variable_forms: list[forms.VariableForm],
) -> Campaign:
    fields: dict[str, Any] = {
        "name": form.cleaned_data["name"],
        "connection": form.cleaned_data["connection"],
        "template": form.cleaned_data["template"],
        "variables": {item.name: item.spec for item in variable_forms},
        "audience": form.audience,
        "scheduled_at": form.moment,
    }
    actor = actor_of(request)
    if campaign is None:
        return campaigns.create_campaign(**fields, by=member_of(request), actor=actor)
    return campaigns.update_campaign(campaign=campaign, actor=actor, **fields)


def _show(
    error: DomainError, form: forms.CampaignForm, variable_forms: list[forms.VariableForm]
) -> None:
    """Put each sentence of the service beside its field."""
    by_name = {f"variables.{item.name}": item for item in variable_forms}
    for field, problems in getattr(error, "errors", {}).items():
        for problem in problems:
            if field in by_name:
                by_name[field].is_valid()
                by_name[field].add_error(None, str(problem.message))
            else:
                form.add_error(field if field in form.fields else None, str(problem.message))
