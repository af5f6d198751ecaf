"""Handing out the files of messages; the caller has checked the rights."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core import files_serve
from core.errors import NotFound
from core.files import StoredFile
from messaging.enums import MediaState
from messaging.models import Media


def response_of(media: Media, request: HttpRequest, *, inline: bool) -> HttpResponseBase:
    """The stored file, shown where that is harmless, with ranges for players.

    Raises:
        core.errors.NotFound: it has not come yet, never will, or the storage has lost it.
    """
    if media.state != MediaState.READY:
        raise NotFound
    stored = StoredFile(
        key=media.key,
        size=media.size,
        mime=media.mime,
        sha256=media.sha256,
        filename=media.filename,
    )
    try:
        return files_serve.serve(stored, inline=inline, request=request)
    except FileNotFoundError:
        raise NotFound from None
