"""Files of messages: uploaded by people, fetched from the provider, handed to the provider."""

from __future__ import annotations

import mimetypes
import tempfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import IO, Any
from uuid import UUID

import structlog
from django.core.cache import cache
from django.core.files import File
from django.db import transaction
from django.utils import timezone

from connections.models import Connection
from connections.providers.base import FailureClass, ProviderError
from connections.selectors import credentials_of, provider_of
from core import agenda, files, scope
from core.errors import Invalid
from core.ids import uuid7
from events import bus
from messaging import media_types, voice
from messaging.agenda import FETCH_MEDIA
from messaging.enums import MediaState, MessageKind
from messaging.events import MediaFetched
from messaging.models import Media, Message
from team.models import Member

log = structlog.get_logger(__name__)

# A provider keeps what we upload for 30 days, what it received for 7.
HANDLE_LIFE = timedelta(days=29)
FETCH_ATTEMPTS = 6
FETCH_BACKOFF_SECONDS = (10, 60, 300, 1_800, 7_200)
IN_MEMORY_BYTES = 1024 * 1024


def upload(
    *,
    content: IO[bytes] | File[Any],
    filename: str,
    by: Member | None = None,
    kind: MessageKind | None = None,
) -> Media:
    """Keep a file that somebody wants to send.

    Args:
        kind: as which it is sent; found from its bytes when None. A picture may go as document.

    Raises:
        core.errors.Invalid: empty, too large or of a type that the kind does not take.
    """
    sent_as = kind or media_types.kind_of(files.sniff(content, filename))
    content.seek(0)
    return _kept(content, filename, kind=sent_as, by=by)


def upload_voice(*, content: IO[bytes] | File[Any], by: Member | None = None) -> Media:
    """Keep a recording that is to be heard as a voice note, in the form that WhatsApp plays.

    Raises:
        core.errors.Invalid: as `messaging.voice.converted` does.
    """
    with voice.converted(content, voice.FILENAME) as made:
        return _kept(made, voice.FILENAME, kind=MessageKind.AUDIO, by=by, is_voice=True)


def provider_handle(*, media: Media, connection: Connection) -> str:
    """The id under which the provider has our file, uploading it there when it has none.

    The row remembers the last number's; those of the others that share a campaign's work are
    remembered in the cache, so that numbers by turns do not upload it again and again.

    Raises:
        connections.providers.base.ProviderError: the provider did not take it.
    """
    is_there = (
        media.connection_id == connection.pk
        and media.external_until is not None
        and media.external_until > timezone.now()
    )
    if is_there:
        return media.external_id
    key = f"media-handle:{media.pk}:{connection.pk}"
    known: str | None = cache.get(key)
    if known:
        return known
    with files.open(media.key) as content:
        handle = provider_of(connection).upload_media(
            credentials_of(connection), content, filename=media.filename, mime=media.mime
        )
    media.external_id = handle
    media.external_until = timezone.now() + HANDLE_LIFE
    media.connection = connection
    media.save(update_fields=["external_id", "external_until", "connection"])
    cache.set(key, handle, HANDLE_LIFE.total_seconds())
    return handle


def fetch(key: str) -> None:
    """The agenda's handler for `messaging.fetch_media`: bring a received file here.

    Tried again with growing pauses; what is gone, too large or never comes is marked, and the
    message shows it.
    """
    media = _begin_attempt(UUID(key))
    if media is None or media.connection is None:
        return
    try:
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as sink:
            fetched = provider_of(media.connection).fetch_media(
                credentials_of(media.connection),
                media.external_id,
                sink,
                max_bytes=media_types.RECEIVED_MAX_BYTES,
            )
            sink.seek(0)
            stored = files.save(
                sink,
                media_types.RECEIVED,
                media.filename or _filename(media, fetched.mime),
                company=scope.required_company_id(),
            )
    except ProviderError as error:
        _failed(media, error.code, is_final=error.klass == FailureClass.REJECTED)
    except Invalid as error:
        _failed(media, error.errors["file"][0].code, is_final=True)
    else:
        _arrived(media, stored)


def due(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Files still to be fetched, with the time of the next attempt (the agenda's selector)."""
    rows = Media.objects.filter(state=MediaState.PENDING)
    if key is not None:
        rows = rows.filter(pk=key)
    return [
        (str(pk), until or created_at)
        for pk, until, created_at in rows.values_list("pk", "external_until", "created_at")
    ]


@transaction.atomic
def _begin_attempt(media_id: UUID) -> Media | None:
    """Count the attempt first and put the next one off, so that a crash is an attempt too."""
    media = (
        Media.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("connection")
        .filter(pk=media_id, state=MediaState.PENDING)
        .first()
    )
    now = timezone.now()
    # While a file is being fetched, `external_until` is the time of the next attempt.
    if media is None or (media.external_until is not None and media.external_until > now):
        return None
    if media.attempts >= FETCH_ATTEMPTS:
        _failed(media, media.error or "no_answer", is_final=True)
        return None
    wait = FETCH_BACKOFF_SECONDS[min(media.attempts, len(FETCH_BACKOFF_SECONDS) - 1)]
    media.attempts += 1
    media.external_until = now + timedelta(seconds=wait)
    media.save(update_fields=["attempts", "external_until"])
    agenda.append(FETCH_MEDIA, str(media.pk), media.external_until)
    return media


def _arrived(media: Media, stored: files.StoredFile) -> None:
    with transaction.atomic():
        Media.objects.filter(pk=media.pk).update(
            state=MediaState.READY,
            key=stored.key,
            mime=stored.mime,
            size=stored.size,
            sha256=stored.sha256,
            filename=stored.filename,
            external_until=None,
            error="",
        )
        _tell(media, MediaState.READY)


def _failed(media: Media, code: str, *, is_final: bool) -> None:
    log.info("media.fetch_failed", media=str(media.pk), code=code, final=is_final)
    if not is_final:
        Media.objects.filter(pk=media.pk).update(error=code[:200])
        return
    with transaction.atomic():
        Media.objects.filter(pk=media.pk).update(
            state=MediaState.FAILED, error=code[:200], external_until=None
        )
        _tell(media, MediaState.FAILED)


def _tell(media: Media, state: MediaState) -> None:
    message = Message.objects.filter(media=media).values("pk", "thread_id").first()
    if message is not None:
        bus.publish(
            MediaFetched(
                media_id=media.pk,
                message_id=message["pk"],
                thread_id=message["thread_id"],
                state=state.value,
            )
        )


def _kept(
    content: IO[bytes] | File[Any],
    filename: str,
    *,
    kind: MessageKind,
    by: Member | None,
    is_voice: bool = False,
) -> Media:
    stored = files.save(
        content,
        media_types.file_kind(kind),
        filename,
        company=scope.required_company_id(),
    )
    return Media.objects.create(
        id=uuid7(),
        kind=kind,
        state=MediaState.READY,
        key=stored.key,
        mime=stored.mime,
        size=stored.size,
        sha256=stored.sha256,
        filename=stored.filename,
        is_voice=is_voice,
        uploaded_by=by,
    )


def _filename(media: Media, mime: str) -> str:
    return f"{media.kind}{mimetypes.guess_extension(mime) or ''}"
