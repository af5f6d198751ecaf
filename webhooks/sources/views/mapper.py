"""Mapping by clicking: a sample's values on one side, our fields on the other."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import DomainError
from core.ids import uuid_of
from tenants.access import requires
from tenants.http import MemberRequest
from webhooks.sources import mapper_form, parsing, selectors
from webhooks.sources.enums import Unreadable
from webhooks.sources.models import Received, Source
from webhooks.sources.services import intake, rereading
from webhooks.sources.services import sources as services
from webhooks.sources.views.sources import found


@require_http_methods(["GET", "HEAD", "POST"])
@requires("webhooks.view", write="webhooks.manage")
def edit(request: MemberRequest, source_id: UUID) -> HttpResponse:
    """The mapper; POST keeps what was chosen."""
    source = found(source_id)
    sample = _sample(request, source)
    if request.method != "POST":
        return _page(request, source, sample)
    chosen = mapper_form.read(request.POST)
    try:
        services.update_source(source=source, changes={"mapping": chosen})
    except DomainError as error:
        return _page(request, source, sample, chosen=chosen, error=error.text, status=422)
    count = rereading.start(source=source) if request.POST.get("reread") else 0
    messages.success(request, _("The mapping is saved and holds for what comes from now on."))
    if count:
        messages.info(request, _again(count))
    return redirect("source", source_id)


@require_POST
@requires("webhooks.view", write="webhooks.manage")
def try_it(request: MemberRequest, source_id: UUID) -> HttpResponse:
    """What the sample would say by what is chosen now; nothing is kept or told."""
    source = found(source_id)
    sample = _sample(request, source)
    outcome = mapper_form.tried(mapper_form.read(request.POST), sample.data if sample else None)
    return render(request, "sources/_tried.html", {"tried": outcome})


@require_POST
@requires("webhooks.view", write="webhooks.manage")
def sample(request: MemberRequest, source_id: UUID) -> HttpResponse:
    """A sample that somebody pasted, where nothing has been posted yet; it is never told."""
    source = found(source_id)
    body = request.POST.get("sample", "").encode("utf-8", "surrogatepass")
    parsed = parsing.read(body, "application/json")
    if parsed.data is None:
        messages.error(request, str(Unreadable(parsed.why).label))
        return redirect("source-mapping", source_id)
    kept = intake.keep_sample(source=source, body=body, data=parsed.data)
    address = redirect("source-mapping", source_id)
    address.headers["Location"] += f"?sample={kept.pk}"
    return address


@require_POST
@requires("webhooks.view", write="webhooks.manage")
def forget(request: MemberRequest, source_id: UUID) -> HttpResponse:
    """Go back to what the preset understands by itself."""
    services.update_source(source=found(source_id), changes={"mapping": None})
    messages.success(request, _("The mapping is gone; the system's own fields hold again."))
    return redirect("source", source_id)


@require_POST
@requires("webhooks.view", write="webhooks.manage")
def reread(request: MemberRequest, source_id: UUID) -> HttpResponse:
    """Have what was of no use read again."""
    messages.info(request, _again(rereading.start(source=found(source_id))))
    return redirect("source", source_id)


def _page(
    request: MemberRequest,
    source: Source,
    sample: Received | None,
    *,
    chosen: dict[str, Any] | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    data = sample.data if sample else None
    form = mapper_form.form(source, data, chosen=chosen, seen=selectors.recent_data(source))
    context = {
        "source": source,
        "sample": sample,
        "samples": selectors.samples_of(source),
        "form": form,
        "error": error,
        "address": selectors.address(source),
        "unused": rereading.unused(source.pk)[:1000].count(),
        "raw": json.dumps(data, indent=2, ensure_ascii=False) if data is not None else "",
    }
    return render(request, "sources/mapping.html", context, status=status)


def _sample(request: MemberRequest, source: Source) -> Received | None:
    """The post to map by: the one that was chosen, else the newest."""
    wanted = uuid_of(request.POST.get("sample_id") or request.GET.get("sample"))
    return selectors.sample_of(source, wanted)


def _again(count: int) -> str:
    told = ngettext("%(count)s post is read again.", "%(count)s posts are read again.", count)
    return told % {"count": count}
