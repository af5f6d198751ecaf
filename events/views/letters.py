"""Dead letters: what was given up, by where and why, and what is done about it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core.errors import Invalid
from events.dead_letters import Box, Cause, Letter, boxes, counts
from events.enums import LetterAction
from events.selectors import running_letters
from events.services import letters
from tenants.access import actor_of, requires
from tenants.http import MemberRequest


@dataclass(frozen=True, slots=True)
class Group:
    """Letters of a box that died of the same, with the error's meaning; the latest, if open."""

    cause: Cause
    meaning: str
    letters: list[Letter]


@require_safe
@requires("events.view")
def index(request: MemberRequest) -> HttpResponse:
    """Each box that holds any, by cause."""
    context = {
        "boxes": [(boxes[code], _groups(boxes[code])) for code in counts()],
        "runs": [(run, boxes[run.box].label) for run in running_letters() if run.box in boxes],
    }
    part = "#letters" if request.htmx else ""
    return render(request, f"events/letters.html{part}", context)


@require_POST
@requires("events.manage")
def act(request: MemberRequest) -> HttpResponse:
    """Try one, a group or a whole box again, or throw it away."""
    box = boxes.get(request.POST.get("box", ""))
    action = request.POST.get("action", "")
    if box is None or action not in LetterAction.values:
        raise Invalid({"box": _("There is no such box.")})
    if keys := request.POST.getlist("key"):
        count = letters.act_on(box=box, action=action, keys=keys, actor=actor_of(request))
    else:
        count = _begin(request, box, action)
    messages.success(request, _said(action, count))
    return redirect("dead-letters")


def _begin(request: MemberRequest, box: Box, action: str) -> int:
    # Forms send the ends of lines in their own way; an error of the database has several lines.
    cause = request.POST.get("cause", "").replace("\r\n", "\n")
    if not cause and "cause" in request.POST:
        return 0  # an error without a word names no group, least of all the whole box
    try:
        run = letters.begin(box=box, action=action, cause=cause, actor=actor_of(request))
    except Invalid:  # somebody was quicker
        return 0
    return run.total


def _groups(box: Box) -> list[Group]:
    return [
        Group(cause, box.meaning(cause.text), box.letters(cause=cause.text))
        for cause in box.causes()
    ]


def _said(action: str, count: int) -> str:
    if action == LetterAction.DISCARD:
        said = ngettext("%(count)d was discarded.", "%(count)d are being discarded.", count)
    else:
        said = ngettext(
            "%(count)d is being tried again.", "%(count)d are being tried again.", count
        )
    return said % {"count": count}
