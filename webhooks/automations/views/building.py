"""The builder: a definition as cards. Until it is saved it lives in the page, which sends it along
with every change and gets the cards back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import DomainError, Invalid
from core.forms import show_error
from team.selectors import member_of
from tenants.access import actor_of, requires
from tenants.http import MemberRequest
from webhooks.automations import definition as definitions
from webhooks.automations import selectors
from webhooks.automations.builder import changes, outline, reading
from webhooks.automations.builder.comparison import differences
from webhooks.automations.definition import Definition
from webhooks.automations.forms import NameForm
from webhooks.automations.models import Automation
from webhooks.automations.services import automations
from webhooks.automations.views.frame import frame

PUBLISH = "publish"
CHECKED = "checked"


@require_http_methods(["GET", "HEAD", "POST"])
@requires("automations.view", write="automations.manage")
def show(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- the route's word
    """The flow, and its draft saved or published."""
    automation = selectors.automation(id)
    if request.method == "POST":
        return _save(request, automation)
    form = NameForm(initial={"name": automation.name})
    return _page(request, automation, form, automation.draft, {})


@require_POST
@requires("automations.manage")
def change(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """The cards after one was moved, taken out or copied; nothing is saved."""
    automation = selectors.automation(id)
    definition = reading.read(request.POST.get("definition", ""))
    made = changes.apply(
        definition,
        op=request.POST.get("op", ""),
        place=request.POST.get("place", ""),
        value=request.POST.get("value", ""),
    )
    return cards(request, automation, made)


@require_POST
@requires("automations.view")
def compare(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """What the page has, against the version in force."""
    automation = selectors.automation(id)
    definition = reading.read(request.POST.get("definition", ""))
    old = outline.lines_of(automation.current.definition) if automation.current else []
    lines = differences(old, outline.lines_of(definition))
    return render(request, "automations/_compared.html", {"lines": lines})


def cards(request: MemberRequest, automation: Automation, made: changes.Change) -> HttpResponse:
    """The builder's part of the page, with the focus where something changed. Once somebody asked
    to publish it, what is still missing stays marked."""
    is_checked = CHECKED in request.POST
    problems = definitions.problems(made.definition) if is_checked else {}
    context = {
        "automation": automation,
        "definition": reading.written(made.definition),
        "is_checked": is_checked,
        "flow": outline.flow_of(made.definition, problems),
        "focus": made.focus,
        "removed": made.removed,
    }
    return render(request, "automations/_builder.html", context)


def _save(request: MemberRequest, automation: Automation) -> HttpResponse:
    definition = reading.read(request.POST.get("definition", ""))
    form = NameForm(request.POST)
    if not form.is_valid():
        return _page(request, automation, form, definition, {}, status=422)
    wants_publishing = request.POST.get("then") == PUBLISH
    try:
        automations.save_draft(
            automation=automation, definition=definition, name=form.cleaned_data["name"]
        )
        if not wants_publishing:
            messages.success(request, _("The draft is saved. What is in force stays in force."))
            return redirect("automation", automation.pk)
        _publish(request, automation)
    except Invalid as error:
        show_error(form, _summary(error))
        problems = {place: found[0] for place, found in error.errors.items()}
        return _page(request, automation, form, definition, problems, status=422)
    except DomainError as error:
        show_error(form, error)
        return _page(request, automation, form, definition, {}, status=422)
    return redirect("automation", automation.pk)


def _publish(request: MemberRequest, automation: Automation) -> None:
    """Put the draft in force; the first time it is switched on as well."""
    is_first = automation.current_id is None
    version = automations.publish(
        automation=automation, by=member_of(request), actor=actor_of(request)
    )
    if is_first:
        automations.switch_on(automation=automation, actor=actor_of(request))
        messages.success(request, _("It is published and on."))
    else:
        told = _("Version %(number)s is in force; runs that began before keep theirs.")
        messages.success(request, told % {"number": version.number})


def _summary(error: Invalid) -> Invalid:
    """What stands above the cards: the rest stands at each."""
    sentence = _("The draft is saved. Before it can be published, mend what is marked below.")
    return Invalid({**{name: found for name, found in error.errors.items() if name == "name"},
                    "": sentence})  # fmt: skip


def _page(
    request: MemberRequest,
    automation: Automation,
    form: NameForm,
    definition: Definition,
    problems: outline.Problems,
    *,
    status: int = 200,
) -> HttpResponse:
    flow = outline.flow_of(definition, problems)
    context: dict[str, Any] = {
        **frame(automation, "flow"),
        "form": form,
        "definition": reading.written(definition),
        "is_checked": bool(problems),
        "flow": flow,
        "first_wrong": outline.first_wrong(flow),
        "version": automation.current,
        "lines": outline.lines_of(definition),
    }
    return render(request, "automations/builder.html", context, status=status)
