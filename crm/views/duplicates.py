"""Contacts that may be one person: the evidence, and what the team says to it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError, Invalid
from core.ids import uuids_of
from core.keyset import page_of
from core.ui.formatting import capped
from crm.duplicates.words import sentences
from crm.enums import Likeness
from crm.models import Contact, MergeSuggestion
from crm.selectors import field_definitions, with_details
from crm.services import suggestions
from team.selectors import member_of
from tenants.access import actor_of, requires
from tenants.http import MemberRequest

TONES = {
    Likeness.CERTAIN: "success",
    Likeness.LIKELY: "info",
    Likeness.POSSIBLE: "neutral",
}
PAGE = 25
COUNTED_EACH = 1_000


@require_safe
@requires("contacts.view")
def index(request: MemberRequest) -> HttpResponse:
    """Pairs that nobody decided about, newest first; `likeness` shows those alone."""
    chosen = _likeness(request.GET.get("likeness", ""))
    rows = MergeSuggestion.objects.open()
    shown = rows.filter(likeness=chosen) if chosen else rows
    page = page_of(shown, cursor=request.GET.get("cursor"), field="found_at", size=PAGE)
    counts = rows.counted(COUNTED_EACH)
    total = sum(counts.values())
    context = {
        "pairs": _shown(page.items),
        "next_url": _address(chosen, page.next_cursor) if page.next_cursor else "",
        "chosen": chosen,
        "tabs": [
            {"label": one.label, "url": _address(one), "count": _counted(counts[one]),
             "current": one == chosen}
            for one in reversed(Likeness)
        ],
        "total": _counted(total) if total else "",
    }  # fmt: skip
    return render(request, "crm/duplicates.html", context)


@require_safe
@requires("contacts.view")
def count(request: MemberRequest) -> HttpResponse:
    """How many wait for a decision, as the menu shows it."""
    open_ = MergeSuggestion.objects.open()[: suggestions.COUNTED_AT_MOST + 1]
    return render(request, "crm/_duplicates_count.html", {"count": open_.count()})


@require_POST
@requires("contacts.delete")
def dismiss(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """They are two people."""
    suggestion = get_object_or_404(MergeSuggestion, pk=id)
    try:
        suggestions.dismiss(suggestion=suggestion, by=member_of(request), actor=actor_of(request))
        messages.success(request, _("They stay two contacts. This pair is not suggested again."))
    except DomainError as error:
        messages.error(request, error.text)
    return _back(request)


@require_POST
@requires("contacts.delete")
def merge(request: MemberRequest) -> HttpResponse:
    """Merge the chosen pairs that are certain."""
    chosen = uuids_of(request.POST.getlist("ids"))
    try:
        done = suggestions.merge_certain(ids=chosen, by=member_of(request), actor=actor_of(request))
    except Invalid as error:
        messages.error(request, str(error.errors["ids"][0].message))
        return _back(request)
    if done.merged:
        text = ngettext(
            "%(count)s pair is one contact now. You can undo it on the contact's page.",
            "%(count)s pairs are one contact each now. You can undo it on the contact's page.",
            done.merged,
        )
        messages.success(request, text % {"count": done.merged})
    if done.left:
        text = ngettext(
            "%(count)s pair was left: somebody decided meanwhile, or the two do not fit together.",
            "%(count)s pairs were left: somebody decided meanwhile, or they do not fit together.",
            done.left,
        )
        messages.warning(request, text % {"count": done.left})
    return _back(request)


def _counted(number: int) -> str:
    return capped(number, COUNTED_EACH)


def _back(request: MemberRequest) -> HttpResponse:
    """To the pairs of the tab that was open."""
    return redirect(_address(_likeness(request.POST.get("likeness", ""))))


def _likeness(text: str) -> Likeness | None:
    return next((one for one in Likeness if str(one.value) == text), None)


def _address(likeness: Likeness | None, cursor: str = "") -> str:
    wanted = [f"likeness={likeness.value}"] if likeness else []
    wanted += [f"cursor={cursor}"] if cursor else []
    return f"{reverse('duplicates')}?{'&'.join(wanted)}"


def _shown(rows: list[MergeSuggestion]) -> list[dict[str, Any]]:
    """The pairs with both contacts, in three queries more than there are kinds of details."""
    ids = {pk for row in rows for pk in (row.first_id, row.second_id)}
    contacts = with_details(Contact.objects.filter(pk__in=ids)).in_bulk()
    definitions = field_definitions() if rows else {}
    pairs = [(row, contacts[row.first_id], contacts[row.second_id]) for row in rows]
    return [
        {
            "suggestion": row,
            "contacts": [first, second],
            "evidence": sentences(row.evidence, first, second, definitions),
            "tone": TONES[Likeness(row.likeness)],
            "is_certain": row.likeness == Likeness.CERTAIN,
        }
        for row, first, second in pairs
    ]
