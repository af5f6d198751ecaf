"""Reading a post's bytes and answering it: what the doors have in common."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

MAX_BYTES = 4 * 1024 * 1024  # Meta sends at most 3
RETRY_SECONDS = 10


def body_of(request: HttpRequest) -> bytes | None:
    """The raw bytes; None when they are more than the cap."""
    try:
        announced = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        announced = 0
    if announced > MAX_BYTES:
        return None
    body = request.read(MAX_BYTES + 1)
    return None if len(body) > MAX_BYTES else body


def answer(status: HTTPStatus, *, retry: bool = False) -> HttpResponse:
    """The status in words, for whoever looks for a fault; `retry` says when to come again."""
    headers = {"Retry-After": str(RETRY_SECONDS)} if retry else None
    return HttpResponse(status.phrase, status=status, content_type="text/plain", headers=headers)
