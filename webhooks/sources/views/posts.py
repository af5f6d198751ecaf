"""One received post: its bytes, what they say, what was done with them."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tenants.access import requires
from tenants.http import MemberRequest
from webhooks.sources import reading, selectors, trace
from webhooks.sources.enums import Unreadable
from webhooks.sources.models import Received
from webhooks.sources.normalised import Normalised
from webhooks.sources.services import processing
from webhooks.sources.understood import understood

SHOWN_BYTES = 20_000


@require_safe
@requires("webhooks.view")
def show(request: MemberRequest, received_id: UUID) -> HttpResponse:
    """Everything about it."""
    post = found(received_id)
    context = {
        "post": post,
        "source": post.source,
        "raw": _text(bytes(post.raw)),
        "is_cut": post.size > SHOWN_BYTES,
        "data": _json(post.data),
        "details": _json(post.details),
        "why": Unreadable(post.unreadable).label if post.unreadable else "",
        "steps": trace.lines(post.trace),
        "normalised": [understood(one) for one in _normalised(post)],
        "told": selectors.told_by(post),
    }
    return render(request, "sources/post.html", context)


@require_safe
@requires("webhooks.view")
def raw(request: MemberRequest, received_id: UUID) -> HttpResponse:
    """Its bytes as they came, as a file that no browser opens."""
    post = found(received_id)
    return HttpResponse(
        bytes(post.raw),
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="post-{post.pk}.bin"',
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_POST
@requires("webhooks.manage")
def process_again(request: MemberRequest, received_id: UUID) -> HttpResponse:
    """Have it understood once more."""
    processing.process_again(received=found(received_id))
    messages.success(request, _("It is being read again. What was done is not done twice."))
    return redirect("source-post", received_id)


def found(received_id: UUID) -> Received:
    """The post of an address; 404 when there is none."""
    post = selectors.received_post(received_id)
    if post is None:
        raise Http404
    return post


def _normalised(post: Received) -> list[Normalised]:
    if post.data is None:
        return []
    return reading.understand(
        preset_slug=post.source.preset,
        described=post.source.mapping,
        data=post.data,
        details=post.details,
        headers=post.headers,
    )


def _text(body: bytes) -> str:
    return body[:SHOWN_BYTES].decode("utf-8", "backslashreplace").replace("\0", "\\0")


def _json(value: Any) -> str:
    return "" if value is None else json.dumps(value, indent=2, ensure_ascii=False)
