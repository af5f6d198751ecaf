"""The step "message": numbers, templates, variables and versions, with a live preview."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campaigns import choices
from campaigns.enums import Step
from campaigns.forms import message as forms
from campaigns.models import Campaign
from campaigns.views import wizard
from campaigns.views.sentences import first_sentence
from core.errors import Invalid
from core.ids import uuid_of
from crm.selectors import attribute_labels
from messaging.enums import MessageKind
from messaging.models import Media
from messaging.services import media
from team.selectors import member_of
from tenants.access import requires
from tenants.http import MemberRequest

HEADER_FILES = {"image": MessageKind.IMAGE, "video": MessageKind.VIDEO}


@requires("campaigns.manage")
@require_http_methods(["GET", "HEAD", "POST"])
@wizard.of_a_draft
def message(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- the route's word
    """What is sent, and from which numbers."""
    campaign = wizard.draft(id, Step.MESSAGE)
    form, shown = _forms(campaign, request.POST or None)
    if form.is_bound and all([form.is_valid(), *(one.is_valid() for one in shown)]):
        try:
            campaign = wizard.keep(request, campaign, Step.MESSAGE, _fields(form, shown))
            return wizard.after(request, campaign, Step.MESSAGE)
        except Invalid as error:
            forms.show_errors(error, form, shown)
    status = 422 if form.is_bound else 200
    return wizard.page(
        request, campaign, Step.MESSAGE, _context(campaign, form, shown), status=status
    )


@requires("campaigns.manage")
@require_POST
def versions(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """The versions after a choice: other numbers or template, one more or less, a file."""
    campaign = wizard.draft(id, Step.MESSAGE)
    data, file_error = _changed(request.POST), ""
    if isinstance(file := request.FILES.get("file"), UploadedFile):
        try:
            data["header_file"] = str(_upload(request, file).pk)
        except Invalid as error:
            file_error = first_sentence(error)
    form, shown = _forms(campaign, data, is_draft=True)
    context = {**_context(campaign, form, shown), "file_error": file_error}
    return render(request, "campaigns/_versions_answer.html", context)


@requires("campaigns.manage")
@require_POST
def preview(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """The phone, while somebody types."""
    campaign = wizard.draft(id, Step.MESSAGE)
    return render(request, "campaigns/_phone.html", _phone(*_forms(campaign, request.POST)))


@requires("campaigns.manage")
@require_GET
def templates(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Templates for the picker: those of the chosen numbers whose name or text holds the words."""
    campaign = wizard.draft(id, Step.MESSAGE)
    form = forms.MessageForm(request.GET, initial=forms.initial_of(campaign))
    q, key = request.GET.get("q", "").strip(), request.GET.get("key", "")
    found = choices.offered(choices.sendable_templates(form.chosen_numbers, q=q))
    context = {"q": q, "key": key if key in forms.VERSIONS else forms.FIRST, "templates": found}
    return render(request, "campaigns/_templates.html", context)


def _forms(
    campaign: Campaign, data: QueryDict | None, *, is_draft: bool = False
) -> tuple[forms.MessageForm, list[forms.VersionForm]]:
    """The forms of the step. A draft of them, between two choices, shows no errors yet."""
    form = forms.MessageForm(data, initial=forms.initial_of(campaign))
    rows = choices.sendable_templates(form.chosen_numbers)
    attributes = attribute_labels()
    keys = forms.version_keys(data, campaign)
    shown = [
        forms.VersionForm(
            data,
            key=key,
            letter=letter,
            templates=rows,
            stored=forms.stored_version(campaign, key),
            attributes=attributes,
            has_file=bool(form["header_file"].value()),
        )
        for key, letter in zip(keys, forms.VERSIONS, strict=False)
    ]
    if is_draft:
        for one in (form, *shown):
            one.hide_errors()
    return form, shown


def _changed(posted: QueryDict) -> QueryDict:
    """The form's data after its buttons "add", "remove" and "drop_file"."""
    data = posted.copy()
    keys = [key for key in forms.VERSIONS if key in data.getlist("version")]
    if "add" in data and len(keys) < len(forms.VERSIONS):
        keys.append(next(key for key in forms.VERSIONS if key not in keys))
    keys = [key for key in keys if key != data.get("remove")]
    data.setlist("version", keys)
    for name, value in forms.NEW_CHOICES.items():
        data.setdefault(name, value)
    for key in keys:
        data.setdefault(f"{key}-weight", str(forms.EVEN))
    if "drop_file" in data:
        data["header_file"] = ""
    return data


def _upload(request: MemberRequest, file: UploadedFile[Any]) -> Media:
    kind = HEADER_FILES.get(request.POST.get("media_kind", ""), MessageKind.DOCUMENT)
    return media.upload(content=file, filename=file.name or "", by=member_of(request), kind=kind)


def _fields(form: forms.MessageForm, versions: Sequence[forms.VersionForm]) -> dict[str, Any]:
    """What `save_draft` takes for this step."""
    data, several = form.cleaned_data, len(versions) > 1
    return {
        "connection": data["connections"][0],
        "connections": list(data["connections"]),
        "template": versions[0].cleaned_data["template"],
        "variables": versions[0].specs,
        "variants": [version.variant for version in versions] if several else [],
        "winner_rule": form.winner_rule if several else {},
        "holdout_percent": data["holdout_percent"] or 0,
        "tracks_links": data["tracks_links"],
        "media": data["header_file"],
    }


def _context(
    campaign: Campaign, form: forms.MessageForm, versions: Sequence[forms.VersionForm]
) -> dict[str, Any]:
    chosen = {number.pk for number in form.chosen_numbers}
    return {
        "campaign": campaign,
        "form": form,
        "numbers": [(number, number.pk in chosen) for number in form.numbers],
        "versions": versions,
        "can_add_version": len(versions) < len(forms.VERSIONS) and versions[0].chosen is not None,
        "header_kind": next((one.header_kind for one in versions if one.header_kind), ""),
        "header_key": next((one.key for one in versions if one.header_kind), ""),
        **_phone(form, versions),
    }


def _phone(form: forms.MessageForm, versions: Sequence[forms.VersionForm]) -> dict[str, Any]:
    """Every version as the contact's phone shows it, with the file at its top."""
    file_id = uuid_of(str(form["header_file"].value() or ""))
    return {
        "file": Media.objects.filter(pk=file_id).first() if file_id else None,
        "sender_name": next((number.name for number in form.chosen_numbers), ""),
        "previews": [
            {
                "letter": version.letter,
                "content": version.shown,
                "channel": version.chosen.channel,
                "segments": version.segments,
            }
            for version in versions
            if version.chosen
        ],
    }
