"""One card: what can stand there, its form, and the form kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import retarget, trigger_client_event

from core.errors import Conflict
from crm.audiences.values import BadValue
from tenants.access import requires
from tenants.http import MemberRequest
from webhooks.automations import registry, selectors
from webhooks.automations.builder import (
    asking,
    changes,
    controls,
    kinds,
    limits,
    previews,
    reading,
    tree,
)
from webhooks.automations.builder.asking import Question
from webhooks.automations.builder.changes import Change
from webhooks.automations.builder.controls import Control
from webhooks.automations.builder.kinds import Kind
from webhooks.automations.builder.variables import Sample
from webhooks.automations.definition import Definition
from webhooks.automations.models import Automation
from webhooks.automations.views.building import cards


@require_POST
@requires("automations.manage")
def choose(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- the route's word
    """What can stand at a place."""
    return _choices(request, selectors.automation(id))


def _choices(request: MemberRequest, automation: Automation) -> HttpResponse:
    place = request.POST.get("place", "")
    context = {
        "automation": automation,
        "place": place,
        "groups": kinds.grouped(kinds.kinds_at(place)),
        "is_new": "new" in request.POST,
    }
    return render(request, "automations/_kinds.html", context)


@require_POST
@requires("automations.manage")
def form(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """A card's form: with what the definition keeps, with what was typed so far, or empty for a
    kind that was just chosen."""
    automation = selectors.automation(id)
    definition = reading.read(request.POST.get("definition", ""))
    place = request.POST.get("place", "")
    if _is_condition(place):
        return _question_form(request, automation, place, _question(request, definition, place))
    kept = _kept(definition, place)
    wanted = request.POST.get("kind") or str(kept.get("kind") or "")
    kind = kinds.kind_at(place, wanted)
    if kind is None:
        return _choices(request, automation)
    if "reshape" in request.POST:
        shown = controls.sent(kind.fields, request.POST)
    else:
        params = _params(place, kept) if wanted == kept.get("kind") or place == kinds.LIMITS else {}
        shown = controls.kept(kind.fields, params)
    return _card_form(request, automation, definition, kind, shown)


@require_POST
@requires("automations.manage")
def keep(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Put the form's card into the flow; 422 with the form where something is wrong."""
    automation = selectors.automation(id)
    definition = reading.read(request.POST.get("definition", ""))
    place = request.POST.get("place", "")
    if _is_condition(place):
        return _keep_question(request, automation, definition, place)
    kind = kinds.kind_at(place, request.POST.get("kind", ""))
    if kind is None:
        raise Conflict("card_gone", _("This card is not there any more. Reload the page."))
    params, checked = controls.read(controls.sent(kind.fields, request.POST))
    checked = _checked_together(kind, params, checked)
    if any(one.error for one in checked):
        return _card_form(request, automation, definition, kind, checked, status=422)
    made = _placed(request, definition, place, kind, params)
    return _closing(cards(request, automation, made))


@require_POST
@requires("automations.manage")
def preview(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """The message, while somebody types."""
    selectors.automation(id)
    definition = reading.read(request.POST.get("definition", ""))
    kind = kinds.kind_at(request.POST.get("place", ""), request.POST.get("kind", ""))
    shown = controls.sent(kind.fields, request.POST) if kind else []
    context = previews.preview_of(kind, shown, Sample(definition)) if kind else {}
    return render(request, "automations/_preview.html", context)


def _card_form(
    request: MemberRequest,
    automation: Automation,
    definition: Definition,
    kind: Kind,
    shown: list[Control],
    *,
    status: int = 200,
) -> HttpResponse:
    sample = Sample(definition)
    place = request.POST.get("place", "")
    context: dict[str, Any] = {
        "automation": automation,
        "place": place,
        "kind": kind,
        "controls": shown,
        "deciding": {one.field.depends_on for one in shown},
        "template_lines": previews.template_lines(shown),
        "variables": sample.menu if any(one.says for one in shown) else [],
        "preview": previews.preview_of(kind, shown, sample),
        "is_new": "new" in request.POST,
        "has_other_kinds": place != kinds.LIMITS,
    }
    return render(request, "automations/_form.html", context, status=status)


def _checked_together(kind: Kind, params: dict[str, Any], checked: list[Control]) -> list[Control]:
    action = registry.action_of(kind.kind)
    wrong = action.check(params) if action and not any(one.error for one in checked) else {}
    return [one.refused(wrong[one.name]) if one.name in wrong else one for one in checked]


def _placed(
    request: MemberRequest, definition: Definition, place: str, kind: Kind, params: dict[str, Any]
) -> Change:
    if place == kinds.LIMITS:
        kept_limits = limits.changed(definition["limits"], params)
        return Change({**definition, place: kept_limits}, f"card-{place}")
    if place == kinds.TRIGGER:
        card = kinds.new_card(place, kind, params)
        return Change({**definition, place: card}, f"card-{place}")
    kept = _kept(definition, place)
    if "new" in request.POST:
        step = kinds.new_card(place, kind, params)
        placed = _or_gone(lambda: tree.insert(definition, place, step))
    else:
        # The ways of a wait stay when only its fields change.
        step = kinds.new_card(place, kind, params, str(kept.get("id") or ""))
        if kept.get("kind") == kind.kind:
            step = {**kept, **{name: step[name] for name in ("params",) if name in step}}
        placed = _or_gone(lambda: tree.put(definition, place, step))
    return Change(placed, changes.card_id(step))


def _question(request: MemberRequest, definition: Definition, place: str) -> Question:
    if "reshape" in request.POST:
        return asking.sent_question(request.POST)
    kept = tree.at(definition, place)
    is_kept = "new" not in request.POST and isinstance(kept, dict)
    return asking.kept_question(kept) if is_kept else asking.new_question()


def _question_form(
    request: MemberRequest,
    automation: Automation,
    place: str,
    question: Question,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "automation": automation,
        "place": place,
        "question": question,
        "control": question.control,
        "is_new": "new" in request.POST,
    }
    return render(request, "automations/_question.html", context, status=status)


def _keep_question(
    request: MemberRequest, automation: Automation, definition: Definition, place: str
) -> HttpResponse:
    question = asking.sent_question(request.POST)
    try:
        item = question.read()
    except BadValue as error:
        return _question_form(request, automation, place, question.refused(error), status=422)
    placing = changes.add_condition if "new" in request.POST else tree.put
    placed = _or_gone(lambda: placing(definition, place, item))
    return _closing(cards(request, automation, Change(placed, f"place-{place}")))


def _closing(answer: HttpResponse) -> HttpResponse:
    """The flow in the place of the old one, and the form closed."""
    answer = retarget(answer, "#builder")
    answer["HX-Reswap"] = "outerMorph"
    return trigger_client_event(answer, "dialog-close", {})


def _kept(definition: Definition, place: str) -> dict[str, Any]:
    found = tree.at(definition, place)
    return found if isinstance(found, dict) else {}


def _params(place: str, kept: dict[str, Any]) -> dict[str, Any]:
    return kept if place == kinds.LIMITS else kept.get("params") or {}


def _is_condition(place: str) -> bool:
    return place.rpartition(".")[0].endswith(f".{changes.GROUPS}")


def _or_gone(make: Any) -> Definition:
    try:
        return make()
    except (KeyError, IndexError, ValueError, TypeError):
        message = _("This card is not there any more. Reload the page.")
        raise Conflict("card_gone", message) from None
