"""Files that providers hold for us, streamed to where we keep them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from typing import IO

from connections.providers.base import FailureClass, FetchedMedia, ProviderError
from core import http

_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


def download(
    url: str,
    sink: IO[bytes],
    *,
    max_bytes: int,
    headers: Mapping[str, str],
    follow_redirects: bool = False,
) -> FetchedMedia:
    """Stream an address into `sink`; credentials in `headers` never travel to another host.

    Raises:
        ProviderError: `media_gone`, `media_too_large`, or RETRYABLE when it may work later.
    """
    counted = _Counting(sink)
    try:
        answer = http.download(
            url,
            counted,  # type: ignore[arg-type]  # only write() is used
            max_bytes=max_bytes,
            headers=headers,
            follow_redirects=follow_redirects,
        )
    except http.ResponseTooLarge as error:
        raise too_large(counted.size, max_bytes) from error
    except http.OutboundError as error:
        raise ProviderError(
            FailureClass.RETRYABLE, "not_connected", type(error).__name__
        ) from error
    if not answer.ok:
        raise _no_file(answer.status)
    mime = answer.headers.get("Content-Type", "")
    return FetchedMedia(mime=mime, size=counted.size, sha256=counted.digest.hexdigest())


def too_large(size: int, max_bytes: int) -> ProviderError:
    """The error for a file over the cap."""
    return ProviderError(FailureClass.REJECTED, "media_too_large", f"{size} of {max_bytes} bytes")


def _no_file(status: int) -> ProviderError:
    if status in _GONE:
        return ProviderError(FailureClass.REJECTED, "media_gone", f"HTTP {status}")
    return ProviderError(FailureClass.RETRYABLE, "refused", f"HTTP {status}")


class _Counting:
    """Writes through and keeps the size and the digest."""

    def __init__(self, sink: IO[bytes]) -> None:
        self._sink = sink
        self.size = 0
        self.digest = hashlib.sha256()

    def write(self, chunk: bytes) -> int:
        self.size += len(chunk)
        self.digest.update(chunk)
        return self._sink.write(chunk)
