"""A company's own settings, and a person's."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import DomainError, NotFound
from core.forms import show_error
from team import settings_nav
from team.forms import CompanySettingsForm, ProfileForm
from tenants.access import requires
from tenants.http import MemberRequest
from tenants.links import company_path
from tenants.models import Company
from tenants.services import companies, people


@require_safe
@requires("company.view")
def index(request: MemberRequest) -> HttpResponse:
    """The first settings page that this member may open."""
    pages = settings_nav.visible(request)
    if not pages:
        raise NotFound
    return redirect(pages[0]["url"])


@require_http_methods(["GET", "HEAD", "POST"])
@requires("company.manage")
def company(request: MemberRequest) -> HttpResponse:
    """Name, address, language and time zone."""
    form = CompanySettingsForm(
        request.POST or None, initial=CompanySettingsForm.values_of(request.company)
    )
    if form.is_valid():
        changed = Company.objects.get(pk=request.company.pk)  # the page keeps the values as saved
        try:
            companies.update_settings(company=changed, **form.cleaned_data)
        except DomainError as error:
            show_error(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(company_path(changed, "settings-company"))
    return render(request, "team/company.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("company.view")
def profile(request: MemberRequest) -> HttpResponse:
    """The name that colleagues see, and the language of one's own pages."""
    person = request.user
    form = ProfileForm(
        request.POST or None, initial={"name": person.name, "language": person.language}
    )
    if form.is_valid():
        try:
            people.update_profile(person=person, **form.cleaned_data)
        except DomainError as error:
            show_error(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("profile")
    return render(request, "team/profile.html", {"form": form}, status=422 if form.errors else 200)
