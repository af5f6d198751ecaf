"""Answering a post: what the doors have in common."""

import math
from http import HTTPStatus

from django.http import HttpResponse

from tenants.models import Route
from webhooks.ingress.metrics import POSTS, REFUSED
from webhooks.ingress.services import admission

RETRY_SECONDS = 10


def come_again(route: Route) -> HttpResponse | None:
    """The answer to a genuine post that is more than its address may send; None if it is not, and
    it is counted."""
    seconds = admission.wait_of(route)
    if not seconds:
        return None
    POSTS.labels(route.provider, REFUSED).inc()
    admission.note_refusal(route)
    return answer(HTTPStatus.TOO_MANY_REQUESTS, retry=math.ceil(seconds))


def answer(status: HTTPStatus, *, retry: int = 0) -> HttpResponse:
    """The status in words, for whoever looks for a fault; `retry`: in how many seconds to come
    again."""
    headers = {"Retry-After": str(retry)} if retry else None
    return HttpResponse(status.phrase, status=status, content_type="text/plain", headers=headers)
