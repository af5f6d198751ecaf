"""Reads of templates, shaped for pages and endpoints."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from connections.models import Connection
from connections.selectors import provider_of
from core.errors import FieldError, Invalid, InvalidId
from core.ids import PublicId
from core.navigation import Found
from messaging.enums import TemplateStatus
from messaging.models import Template

PAGE = 50
TEMPLATE = PublicId("tpl")


@dataclass(frozen=True, slots=True)
class TemplatePage:
    """Templates by name and language; `next` is the cursor of the following page, "" at the end."""

    items: Sequence[Template]
    next: str


def visible() -> QuerySet[Template]:
    """Templates of accounts that still have a number here."""
    number = Connection.objects.filter(account_id=OuterRef("account_id"), deleted_at=None)
    return Template.objects.filter(Exists(number), deleted_at=None)


def sendable(connection: Connection) -> QuerySet[Template]:
    """The templates that may leave through a number: approved ones of its account and channel."""
    return Template.objects.filter(
        account_id=connection.account_id,
        channel=provider_of(connection).channel,
        status=TemplateStatus.APPROVED,
        deleted_at=None,
    )


def sendable_template(connection: Connection, wanted: UUID | str, language: str = "") -> Template:
    """One of them by its key, its public id or its name; of several languages the wanted one,
    else the first.

    Raises:
        core.errors.Invalid: under `template`, it is not there, not approved or of another account.
    """
    rows = sendable(connection)
    pk = wanted if isinstance(wanted, UUID) else _decoded(wanted)
    named = rows.filter(pk=pk) if pk else rows.filter(name=wanted).order_by("language")
    found = (named.filter(language=language) if language else named).first()
    if found is None:
        message = _("This template cannot be sent from this number. Choose an approved one.")
        raise Invalid({"template": FieldError("does_not_exist", message)})
    return found


def template_page(
    *, q: str = "", status: str = "", category: str = "", cursor: str = ""
) -> TemplatePage:
    """Fifty templates after the cursor, narrowed by name, status and category."""
    rows = visible().select_related("connection").order_by("name", "language", "id")
    if q:
        rows = rows.filter(name__icontains=q.strip().lower().replace(" ", "_"))
    if status:
        rows = rows.filter(status=status)
    if category:
        rows = rows.filter(category=category)
    if place := _decode(cursor):
        rows = rows.filter(_beyond(*place))
    found = list(rows.defer("connection__credentials")[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return TemplatePage(found[:PAGE], _encode(last) if last else "")


def has_synced() -> bool:
    """Whether any template of the provider's has been read."""
    return Template.objects.filter(deleted_at=None).exclude(synced_at=None).exists()


def find(text: str, limit: int) -> list[Found]:
    """Templates whose name holds the text, for the palette."""
    return [
        Found(
            label=row.name,
            hint=f"{row.language_name} · {row.get_status_display()}",
            url=reverse("template", args=[row.pk]),
            icon="layout-template",
        )
        for row in template_page(q=text).items[:limit]
    ]


def _decoded(text: str) -> UUID | None:
    try:
        return TEMPLATE.decode(text)
    except InvalidId:
        return None


def _beyond(name: str, language: str, pk: UUID) -> Q:
    """Rows after this one in the order of (name, language, id); the first half bounds the scan."""
    later = Q(name__gt=name) | Q(name=name, language__gt=language)
    return Q(name__gte=name) & (later | Q(name=name, language=language, pk__gt=pk))


def _encode(row: Template) -> str:
    text = json.dumps([row.name, row.language, str(row.pk)])
    return base64.urlsafe_b64encode(text.encode()).decode()


def _decode(cursor: str) -> tuple[str, str, UUID] | None:
    """The place that a cursor names; anything unreadable means the first page."""
    try:
        name, language, pk = json.loads(base64.urlsafe_b64decode(cursor))
        return str(name), str(language), UUID(pk)
    except (ValueError, TypeError, AttributeError, binascii.Error):
        return None
