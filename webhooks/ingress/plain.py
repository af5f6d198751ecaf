"""Answering a post: what the doors have in common."""

from http import HTTPStatus

from django.http import HttpResponse

RETRY_SECONDS = 10


def answer(status: HTTPStatus, *, retry: bool = False) -> HttpResponse:
    """The status in words, for whoever looks for a fault; `retry` says when to come again."""
    headers = {"Retry-After": str(RETRY_SECONDS)} if retry else None
    return HttpResponse(status.phrase, status=status, content_type="text/plain", headers=headers)
