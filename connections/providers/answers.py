"""What an HTTP answer, or the lack of one, means: the same for every provider.

What decides is how far the bytes got, not the name of an exception: an error in the provider's
own words proves that nothing was accepted; silence or an answer nobody can read proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TypeVar

from connections.providers.failures import FailureClass, ProviderError
from core import http

Failure = TypeVar("Failure", bound=ProviderError)

LONGEST_WAIT = 86_400.0


def lost(error: Exception, kind: type[Failure]) -> Failure:
    """The error for a request without an answer: of the way there (nothing left) or back."""
    detail = type(error).__name__
    if http.how_far(error) == "not_connected":
        return kind(FailureClass.RETRYABLE, "not_connected", detail)
    if isinstance(error, http.ResponseTooLarge):
        return kind(FailureClass.AMBIGUOUS, "bad_answer", detail)
    return kind(FailureClass.AMBIGUOUS, "no_answer", detail)


def wordless(status: int, headers: Mapping[str, str], kind: type[Failure]) -> Failure:
    """The error for an HTTP failure without the provider's words: a proxy, or worse."""
    detail = f"HTTP {status}"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return kind(FailureClass.THROTTLED, "refused", detail, retry_after(headers))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return kind(FailureClass.AMBIGUOUS, "server_error", detail)
    return kind(FailureClass.RETRYABLE, "refused", detail, retry_after(headers))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from a Retry-After header, a day at most; dates and nonsense count as not given."""
    value = headers.get("Retry-After", "").strip()
    return min(float(value), LONGEST_WAIT) if value.isdecimal() else None
