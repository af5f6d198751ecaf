"""Pages of the platform: which company to open, a new one, the language."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.forms import show_error
from tenants.forms import CompanyForm
from tenants.http import PersonRequest
from tenants.links import company_path, platform_path
from tenants.selectors import invitations_for, memberships_of
from tenants.services import companies as company_service
from tenants.services import people


@require_safe
@login_required
def companies(request: PersonRequest) -> HttpResponse:
    """A person's companies; straight into the only one, straight to the form without any."""
    memberships = list(memberships_of(request.user))
    invitations = list(invitations_for(request.user))
    if not invitations and "stay" not in request.GET:
        if len(memberships) == 1 and memberships[0].company.is_active:
            return redirect(memberships[0].company.path_prefix)
        if not memberships and not request.user.is_superuser:
            return redirect(platform_path("company-new"))
    return render(
        request,
        "tenants/companies.html",
        {"memberships": memberships, "invitations": invitations},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def company_new(request: PersonRequest) -> HttpResponse:
    """Set up a company; whoever does it owns it."""
    form = CompanyForm(request.POST or None, initial={"language": request.user.language})
    if form.is_valid():
        try:
            company = company_service.create_company(owner=request.user, **form.cleaned_data)
        except DomainError as error:
            show_error(form, error)
        else:
            messages.success(request, _("%(name)s is ready.") % {"name": company.name})
            return redirect(company_path(company, "home"))
    context = {"form": form, "has_companies": memberships_of(request.user).exists()}
    return render(request, "tenants/company_new.html", context, status=422 if form.errors else 200)


@require_POST
def language(request: PersonRequest) -> HttpResponse:
    """Answer in another language from now on: kept with the person, or in a stranger's cookie."""
    chosen = request.POST.get("language", "")
    wished = request.POST.get("next", "")
    back = wished if _is_ours(request, wished) else platform_path("companies")
    response = redirect(back)
    if chosen not in dict(settings.LANGUAGES):
        return response
    if request.user.is_authenticated:
        people.set_language(person=request.user, language=chosen)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=365 * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _is_ours(request: PersonRequest, address: str) -> bool:
    return url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
