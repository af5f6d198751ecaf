"""Templates of ours: written, sent for review, changed, deleted; and what the provider decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from connections.providers.base import (
    Credentials,
    FailureClass,
    Provider,
    ProviderError,
    TemplateInfo,
    TemplateUpdate,
)
from connections.selectors import credentials_of, explain, provider_of
from connections.services import states
from core.errors import Conflict, FieldError, Invalid, Unavailable
from events.bus import publish
from messaging.channel_rules import ensure_acceptable
from messaging.enums import TemplateCategory, TemplateStatus
from messaging.models import Template
from messaging.services import template_sync
from messaging.template_drafts import Draft, components_of, is_writable
from messaging.template_events import TemplateChanged
from messaging.template_parts import variables_of

Answer = TypeVar("Answer")

# The provider takes changes of these alone; drafts are ours, and what is gone is made anew.
EDITABLE = (TemplateStatus.APPROVED, TemplateStatus.REJECTED, TemplateStatus.PAUSED)
UNSENT = (TemplateStatus.DRAFT,)


def create(*, connection: Connection, draft: Draft, actor: str = "system") -> Template:
    """Keep a new template: as a draft that `submit` sends for review or, where nobody reviews
    (SMS), approved at once.

    Raises:
        core.errors.Invalid: the provider would refuse it; says which field and why.
        core.errors.Conflict: one of this name and language is there.
    """
    speaker = provider_of(connection)
    ensure_acceptable(draft, speaker.channel)
    template = Template(
        connection=connection,
        account_id=connection.account_id,
        channel=speaker.channel,
        name=draft.name,
        language=draft.language,
    )
    if speaker.capabilities.local_templates:
        template.status = TemplateStatus.APPROVED
    _fill(template, draft)
    try:
        with transaction.atomic():
            template.save(force_insert=True)
            publish(TemplateChanged.of(template), actor=actor)
    except IntegrityError as error:
        message = _("There is a template of this name in this language already.")
        raise Conflict("template_exists", message, field="name") from error
    return template


def update(template: Template, *, draft: Draft, actor: str = "system") -> Template:
    """Change one that nobody reviews, or a draft, or submit a change of one that was judged: it
    goes into review again.

    Raises:
        core.errors.Invalid: the provider would refuse it, or does.
        core.errors.Conflict: it is in review or gone, or made elsewhere with parts of its own.
        core.errors.Unavailable: the provider cannot be asked.
    """
    _ensure_editable(template)
    is_free = template.status in UNSENT or is_ours(template)
    if not is_free:
        draft = _renamed(draft, template)
    ensure_acceptable(draft, template.channel)
    if is_free:
        template.name, template.language = draft.name, draft.language
    _fill(template, draft)
    if not is_free:
        info = _asked(template, lambda: _provider(template).edit_template(*_call(template)))
        template.status = TemplateStatus(info.status)
        template.reason = ""
    try:
        with transaction.atomic():
            template.save()
            publish(TemplateChanged.of(template), actor=actor)
    except IntegrityError as error:
        message = _("There is a template of this name in this language already.")
        raise Conflict("template_exists", message, field="name") from error
    return template


def submit(template: Template, *, actor: str = "system") -> Template:
    """Send a draft for review.

    Raises:
        core.errors.Conflict: it was sent before.
        core.errors.Invalid: the provider refuses it, in its own words.
        core.errors.Unavailable: the provider cannot be asked.
    """
    if template.status not in UNSENT:
        raise Conflict("template_submitted", _("This template was sent for review before."))
    info = _asked(template, lambda: _provider(template).create_template(*_call(template)))
    template.external_id = info.external_id
    template.status = TemplateStatus(info.status)
    if info.category in TemplateCategory.values:
        template.move_to(info.category)
    template.synced_at = timezone.now()
    with transaction.atomic():
        template.save()
        publish(TemplateChanged.of(template), actor=actor)
    return template


def is_ours(template: Template) -> bool:
    """Whether nobody else keeps or reviews it."""
    return _provider(template).capabilities.local_templates


def set_fallbacks(template: Template, *, fallbacks: Mapping[str, str]) -> Template:
    """What a variable says when the contact has nothing there; ours alone, so always allowed."""
    template.variables = [
        {**one, "fallback": str(fallbacks.get(one["name"], one.get("fallback") or "")).strip()}
        for one in template.variables
    ]
    template.save(update_fields=["variables", "updated_at"])
    return template


def remove(template: Template, *, actor: str = "system") -> None:
    """Delete this language, at the provider too.

    Raises:
        core.errors.Unavailable: the provider cannot be asked; nothing is deleted.
    """
    is_there = template.external_id and template.status != TemplateStatus.REMOVED
    if is_there:
        _asked(
            template,
            lambda: _provider(template).delete_template(
                credentials_of(_speaker(template)),
                external_id=template.external_id,
                name=template.name,
            ),
        )
    with transaction.atomic():
        template.deleted_at = timezone.now()
        template.status = TemplateStatus.REMOVED
        template.save(update_fields=["deleted_at", "status", "updated_at"])
        publish(TemplateChanged.of(template), actor=actor)


@transaction.atomic
def apply_update(update: TemplateUpdate) -> None:
    """What the provider decided about a template; one we do not know yet is fetched.

    Templates belong to the account, so the update is for the one row of it, whichever of the
    account's numbers it came through.
    """
    row = _meant(update)
    if row is None or not (update.status or update.quality or update.category):
        _read_anew(update.account_id)
        return
    news = {
        "status": update.status if update.status in TemplateStatus.values else None,
        "reason": update.reason[:300] if update.status else None,
        "quality": update.quality,
        "category": update.category if update.category in TemplateCategory.values else None,
        "external_id": update.external_id or None,
    }
    changed = [
        key for key, value in news.items() if value is not None and getattr(row, key) != value
    ]
    if not changed:
        return
    for key in changed:
        if key == "category":
            row.move_to(str(news[key]))
        else:
            setattr(row, key, news[key])
    row.save(update_fields=[*changed, "former_category", "updated_at"])
    publish(TemplateChanged.of(row))


def _meant(update: TemplateUpdate) -> Template | None:
    rows = Template.objects.select_for_update().filter(
        account_id=update.account_id, deleted_at=None
    )
    by_id = rows.filter(external_id=update.external_id).first() if update.external_id else None
    return by_id or rows.filter(name=update.name, language=update.language).first()


def _read_anew(account_id: str) -> None:
    connection = Connection.objects.filter(account_id=account_id, deleted_at=None).first()
    if connection is not None:
        template_sync.request(connection)


def _fill(template: Template, draft: Draft) -> None:
    template.category, template.former_category = draft.category, ""
    template.parameter_format = draft.parameter_format
    template.components = components_of(draft)
    known = [{"name": name, "fallback": value} for name, value in draft.fallbacks.items()]
    template.variables = variables_of(template.components, category=draft.category, known=known)


def _renamed(draft: Draft, template: Template) -> Draft:
    """Name and language are fixed once the provider knows them."""
    return replace(draft, name=template.name, language=template.language)


def _ensure_editable(template: Template) -> None:
    if not is_writable(template):
        message = _("This template has parts that are made in WhatsApp Manager. Change it there.")
        raise Conflict("template_elsewhere", message)
    if template.status not in (*UNSENT, *EDITABLE):
        message = _("This template cannot be changed now: it is in review, disabled or removed.")
        raise Conflict("template_locked", message)


def _speaker(template: Template) -> Connection:
    """A number of the account that can speak for it: the template's own, unless released."""
    if template.connection.deleted_at is None:
        return template.connection
    other = Connection.objects.filter(account_id=template.account_id, deleted_at=None).first()
    return other or template.connection


def _provider(template: Template) -> Provider:
    return provider_of(template.connection)


def _call(template: Template) -> tuple[Credentials, TemplateInfo]:
    info = TemplateInfo(
        external_id=template.external_id,
        name=template.name,
        language=template.language,
        category=template.category,
        status=template.status,
        components=template.components,
        parameter_format=template.parameter_format,
    )
    return credentials_of(_speaker(template)), info


def _asked(template: Template, ask: Callable[[], Answer]) -> Answer:
    """Ask the provider; its "no" becomes ours, with its own words.

    Raises:
        core.errors.Invalid: it refuses the template.
        core.errors.Unavailable: it refuses us, is away or did not answer.
    """
    connection = _speaker(template)
    try:
        return ask()
    except ProviderError as error:
        if error.klass in (FailureClass.REJECTED, FailureClass.TEMPLATE):
            sentence = _("The provider refuses it: %(detail)s") % {"detail": error.detail}
            raise Invalid({"": FieldError("refused", sentence)}) from error
        if error.klass == FailureClass.AUTH:
            states.stop(connection, error.code, error.detail)
        sentence = str(explain(connection.provider, error.code).sentence)
        raise Unavailable("provider_unavailable", sentence) from error
