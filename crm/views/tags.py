"""Tags: what there is, and renaming, recolouring and deleting them."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import DomainError
from crm import selectors
from crm.models import Tag
from crm.services import tags
from tenants.access import requires
from tenants.http import MemberRequest


@require_http_methods(["GET", "HEAD", "POST"])
@requires("tags.view", write="tags.edit")
def index(request: MemberRequest) -> HttpResponse:
    """All tags with how many contacts have each; posting a name makes a new one."""
    error = ""
    if request.method == "POST":
        try:
            tags.create_tag(
                name=request.POST.get("name", ""), color=request.POST.get("color", "gray")
            )
            return redirect("tags")
        except DomainError as problem:
            error = sentence_of(problem)
    context = {
        "tags": selectors.tags_with_counts(),
        "colors": tags.COLORS,
        "error": error,
        "name": request.POST.get("name", ""),
    }
    return render(request, "crm/tags.html", context, status=422 if error else 200)


@require_POST
@requires("tags.edit")
def edit(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """Rename or recolour a tag."""
    tag = get_object_or_404(Tag, pk=id)
    try:
        tags.update_tag(tag=tag, name=request.POST.get("name"), color=request.POST.get("color"))
        messages.success(request, _("The tag is saved."))
    except DomainError as problem:
        messages.error(request, sentence_of(problem))
    return redirect("tags")


@require_POST
@requires("tags.edit")
def delete(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Take a tag off all contacts."""
    try:
        tags.delete_tag(tag=get_object_or_404(Tag, pk=id))
        messages.success(request, _("The tag is deleted; its contacts stay."))
    except DomainError as problem:
        messages.error(request, sentence_of(problem))
    return redirect("tags")


def sentence_of(problem: DomainError) -> str:
    """The first thing that is wrong, in words."""
    errors = getattr(problem, "errors", {})
    return str(next(iter(errors.values()))[0].message) if errors else problem.text
