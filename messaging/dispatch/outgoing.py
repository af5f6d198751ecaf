"""From rows to what a provider's wire takes, for a whole batch: few queries, then plain values."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import structlog
from django.utils import timezone

from connections.models import Connection
from connections.providers.base import (
    FailureClass,
    Outgoing,
    OutgoingMedia,
    OutgoingTemplate,
    ProviderError,
)
from connections.selectors import provider_of
from messaging.dispatch.claim import Claimed
from messaging.enums import MediaState, MessageKind
from messaging.gate import Verdict, delay, deny
from messaging.models import Media, Message, Template
from messaging.plain import text_of
from messaging.rendering import Filler, filler
from messaging.services.media import provider_handle

log = structlog.get_logger(__name__)

UPLOAD_AGAIN = timedelta(seconds=30)


class Builder:
    """Builds messages of one connection; templates and files are looked up once for a slice."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sends_texts_alone = provider_of(connection).capabilities.local_templates
        self._templates: dict[UUID, Template] = {}
        self._fillers: dict[UUID, Filler] = {}
        self._handles: dict[UUID, str] = {}

    def build(self, batch: Sequence[Claimed]) -> tuple[dict[UUID, Outgoing], dict[UUID, Verdict]]:
        """What goes on the wire, and what cannot be put together, with the reason."""
        self._load_templates(batch)
        quoted = _external_ids(batch)
        media = Media.objects.in_bulk({item.media_id for item in batch if item.media_id})
        built: dict[UUID, Outgoing] = {}
        broken: dict[UUID, Verdict] = {}
        for item in batch:
            try:
                built[item.id] = self._one(item, quoted, media)
            except _BuildError as error:
                broken[item.id] = error.verdict
        return built, broken

    def _load_templates(self, batch: Sequence[Claimed]) -> None:
        wanted = {item.template_id for item in batch if item.template_id}
        missing = wanted - self._templates.keys()
        if missing:
            self._templates.update(Template.objects.in_bulk(missing))

    def _one(
        self, item: Claimed, quoted: Mapping[UUID, str], media: Mapping[UUID, Media]
    ) -> Outgoing:
        content = item.content
        return Outgoing(
            send_key=str(item.send_key),
            attempt=item.attempt,
            to=item.address,
            kind=item.kind,
            text=self._text(item),
            template=self._template(item, media),
            media=self._media(item, media),
            location=content if item.kind == MessageKind.LOCATION else None,
            contacts=content.get("contacts", ()),
            interactive=content if item.kind == MessageKind.INTERACTIVE else None,
            reaction=content.get("emoji", "") if item.kind == MessageKind.REACTION else None,
            reply_to=(
                content.get("target")
                if item.kind == MessageKind.REACTION
                else quoted.get(item.reply_to_id)
                if item.reply_to_id
                else None
            ),
        )

    def _text(self, item: Claimed) -> str:
        if not self._sends_texts_alone:
            return item.content.get("text", "")
        text = text_of(item.content)
        if not text:
            raise _BuildError(deny("build_failed", detail="no text"))
        return text

    def _template(self, item: Claimed, media: Mapping[UUID, Media]) -> OutgoingTemplate | None:
        if item.kind != MessageKind.TEMPLATE or item.template_id is None:
            return None
        if self._sends_texts_alone:
            return None
        template = self._templates[item.template_id]
        values = item.variables
        if item.media_id is not None:  # the file of the template's header
            row, handle = self._handed_over(item.media_id, media)
            values = {**values, f"header_{row.kind}": handle}
        try:
            components = self._filler(template)(values)
        except (KeyError, ValueError, TypeError, IndexError) as error:
            log.warning("dispatch.build_failed", message=str(item.id), error=type(error).__name__)
            raise _BuildError(deny("build_failed", detail=type(error).__name__)) from error
        return OutgoingTemplate(template.name, template.language, components)

    def _filler(self, template: Template) -> Filler:
        if template.pk not in self._fillers:
            self._fillers[template.pk] = filler(template)
        return self._fillers[template.pk]

    def _media(self, item: Claimed, media: Mapping[UUID, Media]) -> OutgoingMedia | None:
        if item.media_id is None or item.kind == MessageKind.TEMPLATE:
            return None
        row, handle = self._handed_over(item.media_id, media)
        return OutgoingMedia(
            external_id=handle,
            caption=item.content.get("caption", ""),
            filename=row.filename,
            voice=bool(item.content.get("voice")),
        )

    def _handed_over(self, media_id: UUID, media: Mapping[UUID, Media]) -> tuple[Media, str]:
        """A file with the provider's handle, uploaded once for a slice."""
        row = media.get(media_id)
        if row is None or row.state != MediaState.READY:
            raise _BuildError(deny("media_not_ready"))
        if row.pk not in self._handles:
            try:
                self._handles[row.pk] = provider_handle(media=row, connection=self._connection)
            except ProviderError as error:
                raise _BuildError(_upload_verdict(error)) from error
        return row, self._handles[row.pk]


class _BuildError(Exception):
    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        super().__init__(verdict.code)


def _upload_verdict(error: ProviderError) -> Verdict:
    """A file that the provider refuses is never sent; any other trouble passes."""
    if error.klass == FailureClass.REJECTED:
        return deny(error.code, detail=error.detail)
    wait = timedelta(seconds=error.retry_after) if error.retry_after else UPLOAD_AGAIN
    return delay(error.code, timezone.now() + wait, detail=error.detail)


def _external_ids(batch: Sequence[Claimed]) -> dict[UUID, str]:
    """What the quoted messages are called at the provider."""
    wanted = {item.reply_to_id for item in batch if item.reply_to_id}
    if not wanted:
        return {}
    rows = Message.objects.filter(pk__in=wanted).values_list("pk", "external_id")
    return {pk: external_id for pk, external_id in rows if external_id}
