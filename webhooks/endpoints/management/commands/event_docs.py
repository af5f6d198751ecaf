"""`manage.py event_docs`: writes docs/events.md from the catalogue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from webhooks.endpoints.catalogue import PublicType, public_types
from webhooks.endpoints.public_facts import INTERNAL

HEAD = """# Events

Written by `bin/manage event_docs` from the dataclasses; do not edit it by hand.

What an endpoint gets is a POST with this envelope: `id` (the same at every attempt: dedupe by it),
`type`, `version`, `created_at`, `company` (the address of the company), `sequence` (its place in
the company's log; deliveries come in any order) and `data`. Bodies are at most 256 KiB; a larger
event says its ids and `"truncated": true`. Types and fields are only ever added. The full JSON
Schema (2020-12) of each type: `GET /api/v1/event-types/`, or the page "Event catalogue".

Signatures: `webhook-id`, `webhook-timestamp`, `webhook-signature` (Standard Webhooks, v1), and
`X-Signature-256: sha256=<hex HMAC-SHA256 of the body>`, keyed with the secret as it is shown.
"""


class Command(BaseCommand):
    """Write the document, or say where it would differ."""

    help = "Write docs/events.md from the catalogue of events."

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "events.md"
        path.write_text(document(), encoding="utf-8")
        self.stdout.write("docs/events.md")


def document() -> str:
    """The whole text, in English."""
    with translation.override("en"):
        parts = [HEAD]
        group = ""
        for each in public_types().values():
            if str(each.group_label) != group:
                group = str(each.group_label)
                parts.append(f"## {group}\n")
            parts.append(_section(each))
        parts.append("## Not told outside\n")
        parts.append("\n".join(f"- `{name}`: {why}" for name, why in INTERNAL.items()) + "\n")
    return "\n".join(parts)


def _section(each: PublicType) -> str:
    sample = json.dumps(each.data_sample, indent=2, ensure_ascii=False)
    return (
        f"### {each.name}\n\n{each.description} Version {each.version}.\n\n"
        f"`data`:\n\n```json\n{sample}\n```\n"
    )
