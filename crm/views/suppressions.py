"""The suppression list: by hand, by file, and back off it; and the words that fill it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import DomainError
from core.forms import show_error
from core.keyset import page_of
from crm import csv_export, selectors
from crm.enums import ConsentAction, ImportState, SuppressionReason
from crm.forms import KeywordForm, RemovalForm, SuppressionForm, SuppressionListForm
from crm.models import Import, Suppression
from crm.services import keywords, suppression_lists, suppressions
from team.selectors import member_of
from tenants.access import actor_of, requires
from tenants.http import MemberRequest

OPEN = (ImportState.PENDING, ImportState.RUNNING)


@require_safe
@requires("suppressions.view")
def index(request: MemberRequest) -> HttpResponse:
    """The list, newest first, found by number and reason; htmx gets the rows alone."""
    q, reason = request.GET.get("q", "").strip(), request.GET.get("reason", "")
    page = page_of(
        selectors.suppression_list(q=q, reason=reason),
        cursor=request.GET.get("cursor"),
        field="created_at",
    )
    more = urlencode({"q": q, "reason": reason, "cursor": page.next_cursor})
    context = {
        "rows": page.items,
        "next_url": f"{reverse('suppressions')}?{more}" if page.next_cursor else "",
        "q": q,
        "reason": reason,
        "is_filtered": bool(q or reason),
        "reasons": SuppressionReason.choices,
        "removable": suppressions.REMOVABLE,
        "arriving": Import.objects.of_suppressions().filter(state__in=OPEN),
    }
    template = "crm/suppressions.html#rows" if request.htmx else "crm/suppressions.html"
    return render(request, template, context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("suppressions.edit")
def create(request: MemberRequest) -> HttpResponse:
    """One number, by hand."""
    form = SuppressionForm(request.POST or None)
    if form.is_valid():
        try:
            is_new = suppressions.add_to_channels(
                **form.cleaned_data, by=member_of(request), actor=actor_of(request)
            )
        except DomainError as error:
            show_error(form, error)
        else:
            text = _("The number is on the list.") if is_new else _("It was on the list already.")
            messages.success(request, text)
            return redirect("suppressions")
    about = {
        "title": _("Add a number"),
        "description": _(
            "What you choose is not sent to it any more: by nobody and by no campaign."
        ),
        "action": _("Add"),
    }
    return _form(request, form, about)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("suppressions.edit")
def remove(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """Take an address off the list, with the reason."""
    line = get_object_or_404(Suppression, pk=id)
    form = RemovalForm(request.POST or None)
    if form.is_valid():
        try:
            suppressions.remove_suppression(
                suppression=line, why=form.cleaned_data["why"], actor=actor_of(request)
            )
        except DomainError as error:
            show_error(form, error)
        else:
            messages.success(request, _("The number is off the list."))
            return redirect("suppressions")
    about = {
        "title": _("Remove this number?"),
        "description": line.masked,
        "action": _("Remove"),
    }
    return _form(request, form, about)


def _form(request: MemberRequest, form: Form, about: dict[str, str]) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "crm/suppression_form.html", {"form": form, **about}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("suppressions.edit")
def upload(request: MemberRequest) -> HttpResponse:
    """Many at once: a file or pasted numbers; the way of the import is shown."""
    form = SuppressionListForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            return redirect("import", _start(request, form).pk)
        except DomainError as error:
            show_error(form, error)
    status = 422 if form.errors else 200
    return render(request, "crm/suppression_import.html", {"form": form}, status=status)


def _start(request: MemberRequest, form: SuppressionListForm) -> Import:
    data = form.cleaned_data
    about = {name: data[name] for name in ("channels", "purpose", "note")}
    if file := data["file"]:
        return suppression_lists.import_suppressions(
            file=file, filename=file.name, **about, by=member_of(request)
        )
    return suppression_lists.import_pasted(text=data["numbers"], **about, by=member_of(request))


@require_safe
@requires("suppressions.view")
def export(request: MemberRequest) -> HttpResponse:
    """The list as a file, with masks instead of numbers."""
    return csv_export.download("suppressions.csv", _exported())


def _exported() -> Iterator[list[str]]:
    yield [_("Number"), _("Channel"), _("Purpose"), _("Reason"), _("Note"), _("Since")]
    for line in Suppression.objects.order_by("-created_at", "-id").iterator():
        yield [
            line.masked,
            line.get_channel_display(),
            line.get_purpose_display() if line.purpose else _("Everything"),
            line.get_reason_display(),
            line.note,
            localtime(line.created_at).isoformat(timespec="minutes"),
        ]


@require_http_methods(["GET", "HEAD", "POST"])
@requires("suppressions.view", write="suppressions.edit")
def words(request: MemberRequest) -> HttpResponse:
    """The words that stop and resume marketing, and what is answered."""
    stored = keywords.policy()
    form = KeywordForm(request.POST or None, initial=_initial(stored))
    if form.is_valid():
        try:
            keywords.update_policy(**form.cleaned_data, by=member_of(request))
        except DomainError as error:
            show_error(form, error)
        else:
            messages.success(request, _("The words are saved."))
            return redirect("suppression-words")
    context = {
        "form": form,
        "policy": stored,
        "stop_known": sorted(keywords.STOP),
        "start_known": sorted(keywords.START),
        "stop_standard": keywords.standard_text(ConsentAction.OPT_OUT),
        "start_standard": keywords.standard_text(ConsentAction.OPT_IN),
    }
    status = 422 if form.errors else 200
    return render(request, "crm/suppression_words.html", context, status=status)


def _initial(stored: keywords.KeywordPolicy) -> dict[str, object]:
    return {
        "stop_words": ", ".join(stored.stop_words),
        "start_words": ", ".join(stored.start_words),
        "confirms": stored.confirms,
        "stop_text": stored.stop_text,
        "start_text": stored.start_text,
    }
