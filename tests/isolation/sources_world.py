"""A source of a company, what it posted, and what that told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.ids import uuid7
from webhooks.sources.enums import ReceivedState, Scheme
from webhooks.sources.models import Received, Told
from webhooks.sources.services import sources

if TYPE_CHECKING:
    from tests.isolation.world import World


def fill(world: World) -> None:
    """Its rows, each bearing the company's marker."""
    source = sources.create_source(
        name=world.text("Source"), preset_slug="custom", scheme=Scheme.HEADER, secret="s3cret"
    ).source
    world.things["source"] = source
    world.things["received_post"] = post = Received.objects.create(
        source=source,
        envelope_id=uuid7(),
        raw=world.text("raw").encode(),
        sha256=f"{world.number:064}",
        data={"text": world.text("post")},
        trace=[{"code": "told", "value": world.text("told")}],
        error=world.text("error"),
        state=ReceivedState.PROCESSED,
    )
    world.things["told"] = Told.objects.create(
        source=source,
        received=post,
        key=world.text("key"),
        kind="lead.created",
        contact=world.things["contact"],
        event_uid=uuid7(),
    )
