"""The list of sources, the way to a new one, and a source's own page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import keyset
from core.errors import DomainError, Invalid
from core.forms import show_error
from team.selectors import member_of
from tenants.access import requires
from tenants.http import MemberRequest
from webhooks.sources import selectors, verification
from webhooks.sources.enums import Scheme, SourceState
from webhooks.sources.forms import CreateForm, SettingsForm
from webhooks.sources.models import Source
from webhooks.sources.presets import PRESETS, preset
from webhooks.sources.services import rereading
from webhooks.sources.services import sources as services
from webhooks.sources.services.sources import SETTINGS

SHOWN_ONCE = "source_secret"  # in the session, until the page that shows it was opened


@require_safe
@requires("webhooks.view")
def index(request: MemberRequest) -> HttpResponse:
    """All sources with their last day."""
    return render(request, "sources/list.html", {"source_rows": selectors.source_rows()})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("webhooks.manage")
def create(request: MemberRequest) -> HttpResponse:
    """Which system, then what it asks for; a fragment in a dialog, or a page."""
    chosen = PRESETS.get(request.GET.get("preset", ""))
    if chosen is None:
        return _new(request, {"presets": PRESETS.values()})
    name = "" if chosen.is_mapped else str(chosen.label)
    form = CreateForm(request.POST or None, preset=chosen, initial={"name": name})
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_source(**form.values(), by=member_of(request))
        except DomainError as error:
            show_error(form, _renamed(error, form.values()["scheme"]))
        else:
            if made.secret:
                request.session[SHOWN_ONCE] = {str(made.source.pk): made.secret}
            where = redirect("source", made.source.pk)
            if request.htmx:
                return HttpResponse(headers={"HX-Redirect": where.headers["Location"]})
            return where
    status = 422 if request.method == "POST" else 200
    return _new(request, {"form": form, "preset": chosen}, status=status)


@require_safe
@requires("webhooks.view")
def show(request: MemberRequest, source_id: UUID) -> HttpResponse:
    """Its address, how to set it up, what it posted, and what may be changed."""
    source = found(source_id)
    page = keyset.page_of(
        selectors.received(source, state=request.GET.get("state", "")),
        cursor=request.GET.get("cursor"),
        field="received_at",
    )
    context = {"source": source, "page": page, "state": request.GET.get("state", "")}
    if request.GET.get("cursor"):
        return render(request, "sources/show.html#rows", context)
    context |= _shown(source) | {
        "new_secret": _new_secret(request, source),
        "form": SettingsForm(source=source, preset=preset(source.preset)),
        "unused": rereading.unused(source.pk)[:1000].count(),
    }
    return render(request, "sources/show.html", context)


@require_POST
@requires("webhooks.manage")
def settings(request: MemberRequest, source_id: UUID) -> HttpResponse:
    """Change what it does with whom it hears of."""
    source = found(source_id)
    form = SettingsForm(request.POST, source=source, preset=preset(source.preset))
    if form.is_valid():
        try:
            services.update_source(source=source, changes=form.changes())
        except DomainError as error:
            show_error(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("source", source_id)
    page = keyset.page_of(selectors.received(source), cursor=None, field="received_at")
    context = {"source": source, "page": page, "form": form, **_shown(found(source_id))}
    return render(request, "sources/show.html", context, status=422)


@require_POST
@requires("webhooks.manage")
def secret(request: MemberRequest, source_id: UUID) -> HttpResponse:
    """Prove its posts with another secret from now on."""
    source = found(source_id)
    try:
        made = services.renew_secret(source=source, secret=request.POST.get("secret", ""))
    except DomainError as error:
        messages.error(request, _first(error))
        return redirect("source", source_id)
    if made:
        request.session[SHOWN_ONCE] = {str(source.pk): made}
    messages.success(request, _("The new secret holds from now on."))
    return redirect("source", source_id)


@require_POST
@requires("webhooks.manage")
def switch(request: MemberRequest, source_id: UUID) -> HttpResponse:
    """On or off."""
    source = services.switch(source=found(source_id), is_active=request.POST.get("to") == "active")
    is_on = source.state == SourceState.ACTIVE
    messages.success(request, _("It is switched on.") if is_on else _("It is switched off."))
    return redirect("source", source_id)


@require_POST
@requires("webhooks.manage")
def delete(request: HttpRequest, source_id: UUID) -> HttpResponse:
    """Close its address for good."""
    services.delete_source(source=found(source_id))
    messages.success(request, _("The source is deleted; its address is closed."))
    return redirect("source-list")


def found(source_id: UUID) -> Source:
    """The source of an address; 404 when there is none, or it was deleted."""
    source = selectors.source(source_id)
    if source is None:
        raise Http404
    return source


def _new(request: MemberRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    template = "sources/_new.html" if request.htmx else "sources/new.html"
    return render(request, template, context, status=status)


def _shown(source: Source) -> dict[str, Any]:
    return {
        "row": selectors.source_row(source),
        "preset": preset(source.preset),
        "address": selectors.address(source),
        "needs_secret": verification.needs_secret(source.scheme),
        "is_mapped": bool(source.mapping),
    }


def _new_secret(request: MemberRequest, source: Source) -> str:
    """The secret that was just made for it, this once; a part of a page that is fetched anew, or
    another source's page, takes it from nobody."""
    if request.htmx or str(source.pk) not in request.session.get(SHOWN_ONCE, {}):
        return ""
    return str(request.session.pop(SHOWN_ONCE)[str(source.pk)])


def _first(error: DomainError) -> str:
    """What is wrong, in a sentence: of a field, if it is about one."""
    if isinstance(error, Invalid):
        return str(next(iter(error.errors.values()))[0].message)
    return error.text


def _renamed(error: DomainError, scheme: str) -> DomainError:
    """Settings of a scheme are fields of their own in the form."""
    if isinstance(error, Invalid):
        for name in SETTINGS.get(scheme, {}).keys() & error.errors.keys():
            shown = "header_name" if scheme == Scheme.HEADER else name
            error.errors[f"setting_{shown}"] = error.errors.pop(name)
    return error
