"""Keys for programs: made, shown once, revoked."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.forms import show_error
from team.forms import ApiKeyForm
from tenants.access import requires
from tenants.http import MemberRequest
from tenants.selectors import api_keys_of
from tenants.services import api_keys


@require_safe
@requires("api_keys.manage")
def index(request: MemberRequest) -> HttpResponse:
    """The company's live keys."""
    return render(request, "team/api_keys.html", {"keys": api_keys_of(request.company)})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("api_keys.manage")
def new(request: MemberRequest) -> HttpResponse:
    """The form of the dialog; afterwards the secret, this once."""
    form = ApiKeyForm(request.POST or None)
    if form.is_valid():
        try:
            key, secret = api_keys.create_api_key(
                company=request.company, by=request.user, **form.cleaned_data
            )
        except DomainError as error:
            show_error(form, error)
        else:
            response = render(request, "team/_api_key.html", {"key": key, "secret": secret})
            response["HX-Trigger"] = "api-keys-changed"
            response["Cache-Control"] = "no-store"
            return response
    context = {"form": form}
    return render(request, "team/_api_key_new.html", context, status=422 if form.errors else 200)


@require_POST
@requires("api_keys.manage")
def revoke(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """End a key at once."""
    key = get_object_or_404(api_keys_of(request.company), pk=id)
    api_keys.revoke(key=key)
    messages.success(request, _("The key %(name)s no longer works.") % {"name": key.name})
    return redirect("api-keys")
