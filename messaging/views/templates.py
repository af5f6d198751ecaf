"""Templates: the list, one of them, writing and changing them with a live preview."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connections.selectors import alive, provider_of
from core.errors import DomainError, FieldError, Invalid
from core.forms import show_error
from crm.enums import Channel
from messaging import segments
from messaging.channel_rules import problems
from messaging.enums import TemplateCategory, TemplateStatus
from messaging.forms import (
    BUTTON_TYPES,
    TemplateForm,
    draft_from,
    fallbacks_from,
    variable_rows,
)
from messaging.models import Template
from messaging.plain import text_of
from messaging.rendering import examples
from messaging.rendering import render as render_template
from messaging.services import template_sync, templates
from messaging.template_drafts import (
    QUICK_REPLY,
    Button,
    Draft,
    components_of,
    draft_of,
    is_writable,
)
from messaging.template_reasons import reason_of
from messaging.template_selectors import template_page, visible
from messaging.templates_rules import MOST_BUTTONS
from tenants.access import actor_of, requires

# What is merely not typed yet is no warning.
UNFINISHED = frozenset({"required", "example_missing", "url", "phone"})


@require_safe
@requires("templates.view")
def index(request: HttpRequest) -> HttpResponse:
    """The templates of the company's accounts."""
    narrowed = {key: request.GET.get(key, "") for key in ("q", "status", "category")}
    page = template_page(**narrowed, cursor=request.GET.get("cursor", ""))
    context = {
        **narrowed,
        "page": page,
        "statuses": TemplateStatus.choices,
        "categories": TemplateCategory.choices,
        "is_narrowed": any(narrowed.values()),
        "has_number": alive().exists(),
    }
    template = "messaging/templates.html"
    return render(
        request, f"{template}#rows" if getattr(request, "htmx", False) else template, context
    )


@require_POST
@requires("templates.manage")
def sync(request: HttpRequest) -> HttpResponse:
    """Read the templates of every account now; one reading serves all numbers of an account."""
    accounts = {connection.account_id: connection for connection in alive()}
    total = 0
    try:
        for connection in accounts.values():
            total += template_sync.sync(connection).total
    except DomainError as error:
        messages.error(request, error.text)
    else:
        text = _("%(total)s templates synced.") % {"total": total}
        messages.success(request, text)
    return redirect("templates")


@require_safe
@requires("templates.view")
def show(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """One template as customers see it, its variables and what the provider says of it."""
    template = _template(id)
    shown = render_template(template, examples(template))
    context = {
        "template": template,
        "reason": reason_of(template.reason),
        "shown": shown,
        "is_sms": template.channel == Channel.SMS,
        "segments": segments.count(text_of(shown)) if template.channel == Channel.SMS else None,
        "is_draft": template.status == TemplateStatus.DRAFT,
        "is_editable": template.status in (*templates.UNSENT, *templates.EDITABLE)
        and is_writable(template),
    }
    return render(request, "messaging/template.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("templates.manage")
def new(request: HttpRequest) -> HttpResponse:
    """Write a template; saved as a draft, or sent for review at once."""
    form = TemplateForm(request.POST if request.method == "POST" else None)
    if not alive().exists():
        messages.info(request, _("Connect a number first: templates belong to its account."))
        return redirect("connection-new")
    channel = _channel(request)
    draft = draft_from(request.POST, channel=channel)
    if form.is_valid():
        try:
            template = templates.create(
                connection=form.cleaned_data["connection"], draft=draft, actor=actor_of(request)
            )
        except DomainError as error:
            return _form_page(request, form, draft, channel=channel, error=error)
        return _after_saving(request, template)
    return _form_page(request, form, draft, channel=channel)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("templates.manage")
def edit(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Change a draft, or submit a change of one that was judged."""
    template = _template(id)
    is_free = template.status in templates.UNSENT or templates.is_ours(template)
    before = draft_of(template)
    typed = request.POST if request.method == "POST" else None
    form = TemplateForm(typed, initial=_initial(template, before), fixed=_fixed(template))
    if typed is None:
        return _form_page(request, form, before, channel=template.channel, template=template)
    draft = draft_from(typed, channel=template.channel, fixed=None if is_free else before)
    if form.is_valid():
        try:
            templates.update(template, draft=draft, actor=actor_of(request))
        except DomainError as error:
            return _form_page(
                request, form, draft, channel=template.channel, error=error, template=_template(id)
            )
        if is_free:
            return _after_saving(request, template)
        messages.success(request, _("Sent for review."))
        return redirect("template", template.pk)
    return _form_page(request, form, draft, channel=template.channel, template=template)


@require_POST
@requires("templates.manage")
def preview(request: HttpRequest) -> HttpResponse:
    """What was typed so far as a bubble, with what the provider would refuse; saves nothing.

    `add` appends a button, `remove` takes the one of that index away.
    """
    channel = _channel(request)
    draft = _with_buttons_changed(draft_from(request.POST, channel=channel), request)
    context = {
        **_preview(draft, channel),
        "with_buttons": bool({"add", "remove", "buttons"} & request.GET.keys()),
    }
    return render(request, "messaging/_preview_answer.html", context)


@require_POST
@requires("templates.manage")
def submit(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Send a draft for review."""
    return _send_for_review(request, _template(id))


@require_POST
@requires("templates.manage")
def fallbacks(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """What its variables say when the contact has nothing there."""
    templates.set_fallbacks(_template(id), fallbacks=fallbacks_from(request.POST))
    messages.success(request, _("Saved."))
    return redirect("template", id)


@require_POST
@requires("templates.manage")
def delete(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Delete it here and at the provider."""
    template = _template(id)
    templates.remove(template, actor=actor_of(request))
    messages.success(request, _("%(name)s is deleted.") % {"name": template.name})
    return redirect("templates")


def _template(template_id: UUID) -> Template:
    return get_object_or_404(visible().select_related("connection"), pk=template_id)


def _fixed(template: Template) -> tuple[str, ...]:
    """What may not change: the number of a text of ours, and what a provider knows it by."""
    if templates.is_ours(template):
        return ("connection",)
    return () if template.status in templates.UNSENT else ("connection", "name", "language")


def _channel(request: HttpRequest) -> str:
    """The page's channel, or that of the number that is chosen; of the first one before anybody
    chose."""
    if known := request.GET.get("channel", ""):
        return Channel.SMS.value if known == Channel.SMS else Channel.WHATSAPP.value
    numbers = {str(one.pk): one for one in alive()}
    chosen = numbers.get(request.POST.get("connection", "")) or next(iter(numbers.values()), None)
    return provider_of(chosen).channel if chosen else Channel.WHATSAPP.value


def _after_saving(request: HttpRequest, template: Template) -> HttpResponse:
    """The second button of the form sends it for review at once."""
    if templates.is_ours(template):
        messages.success(request, _("Saved: it can be sent at once."))
        return redirect("template", template.pk)
    if "submit" not in request.POST:
        messages.success(request, _("Saved as a draft."))
        return redirect("template", template.pk)
    return _send_for_review(request, template)


def _send_for_review(request: HttpRequest, template: Template) -> HttpResponse:
    try:
        templates.submit(template, actor=actor_of(request))
    except DomainError as error:
        messages.error(request, _first_sentence(error))
    else:
        messages.success(request, _("Sent for review."))
    return redirect("template", template.pk)


def _form_page(
    request: HttpRequest,
    form: TemplateForm,
    draft: Draft,
    *,
    channel: str,
    error: DomainError | None = None,
    template: Template | None = None,
) -> HttpResponse:
    if error is not None:
        show_error(form, _of_form(form, error))
    context = {
        "form": form,
        "template": template,
        "is_draft": template is None or template.status == TemplateStatus.DRAFT,
        "is_reviewed": template is not None and not templates.is_ours(template),
        **_preview(draft, channel, told=_sentences(error)),
    }
    status = 422 if form.errors else 200
    return render(request, "messaging/template_form.html", context, status=status)


def _initial(template: Template, draft: Draft) -> dict[str, Any]:
    fields = ("name", "language", "category", "header", "body", "footer")
    return {name: getattr(draft, name) for name in fields} | {"connection": template.connection_id}


def _preview(draft: Draft, channel: str, told: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What the form's live parts show: bubble, variables, buttons and first problems.

    Args:
        told: sentences by field after a refused save; while typing there are warnings instead.
    """
    found = dict(told or {})
    sample = Template(
        name=draft.name, language=draft.language, category=draft.category,
        parameter_format=draft.parameter_format, components=components_of(draft),
    )  # fmt: skip
    shown = render_template(sample, draft.examples)
    is_sms = channel == Channel.SMS
    return {
        "shown": shown,
        "is_sms": is_sms,
        "channel": channel,
        "segments": segments.count(text_of(shown)) if is_sms else None,
        "variables": [
            {**row, "error": found.get(f"variables.{row['name']}", "")}
            for row in variable_rows(draft)
        ],
        "buttons": [
            {"index": index, "button": one, "error": found.get(f"buttons.{index}", "")}
            for index, one in enumerate(draft.buttons)
        ],
        "buttons_error": found.get("buttons", ""),
        "may_add_button": len(draft.buttons) < MOST_BUTTONS,
        "button_types": BUTTON_TYPES,
        "warnings": _warnings(draft, channel) if told is None else [],
        "counts": {"header": len(draft.header), "body": len(draft.body)},
    }


def _warnings(draft: Draft, channel: str) -> list[str]:
    """What the provider would refuse of what was typed, each sentence once."""
    sentences = [
        str(sentence)
        for name, code, sentence in problems(draft, channel)
        if code not in UNFINISHED and name not in ("name", "language", "category")
    ]
    return list(dict.fromkeys(sentences))


def _with_buttons_changed(draft: Draft, request: HttpRequest) -> Draft:
    buttons = list(draft.buttons)
    if "add" in request.GET:
        buttons.append(Button(QUICK_REPLY))
    removed = request.GET.get("remove", "")
    if removed.isdecimal() and int(removed) < len(buttons):
        del buttons[int(removed)]
    return replace(draft, buttons=buttons)


def _of_form(form: TemplateForm, error: DomainError) -> DomainError:
    """The part of a refusal that the form's own fields show; the rest stands at its variable or
    button, and the top of the form says to look there."""
    if not isinstance(error, Invalid):
        return error
    own = {name: found for name, found in error.errors.items() if not name or name in form.fields}
    if len(own) < len(error.errors):
        own.setdefault("", []).append(
            FieldError("see_below", _("Some variables or buttons need your attention: see below."))
        )
    return Invalid(own)


def _sentences(error: DomainError | None) -> dict[str, str]:
    """The first sentence for each field of a refusal."""
    if not isinstance(error, Invalid):
        return {}
    return {name: str(found[0].message) for name, found in error.errors.items()}


def _first_sentence(error: DomainError) -> str:
    return next(iter(_sentences(error).values()), error.text)
