"""Files to and from Meta.

Source: Meta, "Cloud API / Media": an id is exchanged for an address that holds five minutes and
wants the token again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings

from connections.providers import files
from connections.providers.base import Credentials, FailureClass, FetchedMedia, ProviderError
from connections.providers.loose import text
from connections.providers.whatsapp_cloud import client
from connections.providers.whatsapp_cloud.addresses import bearer

# Besides Graph itself, the only host that may see the token.
MEDIA_HOST = "lookaside.fbsbx.com"


def upload(credentials: Credentials, file: IO[bytes], *, filename: str, mime: str) -> str:
    """Hand a file to Meta for 30 days; returns its id."""
    answer = client.upload(
        credentials,
        f"{credentials.number_id}/media",
        data={"messaging_product": "whatsapp", "type": mime},
        files={"file": (filename, file, mime)},
    )
    media_id = text(answer, "id")
    if not media_id:
        raise ProviderError(FailureClass.AMBIGUOUS, "bad_answer", "upload without an id")
    return media_id


def fetch(
    credentials: Credentials, external_id: str, sink: IO[bytes], *, max_bytes: int
) -> FetchedMedia:
    """Stream a received file into `sink`.

    Raises:
        ProviderError: `media_gone` (expired after seven days, or not ours), `media_too_large`, or
            RETRYABLE when it may work later.
    """
    facts = _facts(credentials, external_id)
    size = text(facts, "file_size")
    if size.isdecimal() and int(size) > max_bytes:
        raise files.too_large(int(size), max_bytes)
    file = files.download(
        text(facts, "url"),
        sink,
        max_bytes=max_bytes,
        headers=token_if_trusted(credentials, text(facts, "url")),
    )
    return replace(file, mime=text(facts, "mime_type") or file.mime)


def _facts(credentials: Credentials, external_id: str) -> client.Answer:
    try:
        return client.get(credentials, external_id)
    except ProviderError as error:
        if error.subcode == "33":
            raise ProviderError(FailureClass.REJECTED, "media_gone", error.detail) from error
        if error.klass is FailureClass.AMBIGUOUS:  # reading twice does no harm
            raise ProviderError(FailureClass.RETRYABLE, error.code, error.detail) from error
        raise


def token_if_trusted(credentials: Credentials, url: str) -> dict[str, str]:
    """The token goes to Graph and to Meta's media host alone, whatever address we are told."""
    parts, graph = urlsplit(url), urlsplit(settings.GRAPH_BASE_URL)
    is_graph = (parts.scheme, parts.netloc) == (graph.scheme, graph.netloc)
    is_media_host = parts.scheme == "https" and parts.netloc == MEDIA_HOST
    return bearer(credentials) if is_graph or is_media_host else {}
