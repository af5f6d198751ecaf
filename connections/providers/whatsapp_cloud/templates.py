"""Templates at Meta: list, submit, change, delete.

Source: Meta, "Business Management API / Message templates".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from connections.providers.base import Credentials, ProviderError, TemplateInfo
from connections.providers.loose import mapping, objects, text
from connections.providers.whatsapp_cloud import client
from connections.providers.whatsapp_cloud.accounts import template_quality, template_status

_FIELDS = (
    "id,name,language,status,category,components,parameter_format,quality_score,rejected_reason"
)

_GONE = ("33", "2593002")  # no such object; no such template


def list_all(credentials: Credentials) -> Iterator[TemplateInfo]:
    """Every template in every language; pages are fetched as they are read."""
    path = f"{credentials.account_id}/message_templates"
    for row in client.pages(credentials, path, {"fields": _FIELDS}):
        if text(row, "name") and text(row, "language"):
            yield _info(row)


def create(credentials: Credentials, template: TemplateInfo) -> TemplateInfo:
    """Submit a new template; Meta answers its id and PENDING (or a verdict at once)."""
    answer = client.post(
        credentials,
        f"{credentials.account_id}/message_templates",
        {
            "name": template.name,
            "language": template.language,
            "category": template.category,
            "parameter_format": template.parameter_format,
            "components": list(template.components),
        },
    )
    return replace(
        template,
        external_id=text(answer, "id"),
        status=template_status(text(answer, "status") or "PENDING"),
        category=text(answer, "category") or template.category,
    )


def edit(credentials: Credentials, template: TemplateInfo) -> TemplateInfo:
    """Submit changed components; the template goes into review again."""
    body = {"category": template.category, "components": list(template.components)}
    client.post(credentials, template.external_id, body)
    return replace(template, status="PENDING")


def delete(credentials: Credentials, *, external_id: str, name: str) -> None:
    """Delete this language alone (Meta needs the name too); one that is gone is fine."""
    params = {"name": name, "hsm_id": external_id}
    try:
        client.delete(credentials, f"{credentials.account_id}/message_templates", params)
    except ProviderError as error:
        if error.subcode not in _GONE:
            raise


def _info(row: Mapping[str, Any]) -> TemplateInfo:
    reason = text(row, "rejected_reason")
    return TemplateInfo(
        external_id=text(row, "id"),
        name=text(row, "name"),
        language=text(row, "language"),
        category=text(row, "category").upper(),
        status=template_status(text(row, "status")),
        components=objects(row, "components"),
        parameter_format=text(row, "parameter_format").upper() or "POSITIONAL",
        reason="" if reason == "NONE" else reason,
        quality=template_quality(text(mapping(row, "quality_score"), "score")),
    )
