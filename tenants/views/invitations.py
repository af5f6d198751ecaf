"""What an invited person sees: the link from the mail, and the button on their companies' page."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import DomainError
from core.forms import show_error
from tenants.forms import JoinForm
from tenants.http import PersonRequest
from tenants.links import company_path
from tenants.models import Invitation, Membership, Person
from tenants.selectors import invitations_for
from tenants.services import invitations as service

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation(request: PersonRequest, token: str) -> HttpResponse:
    """Accept an invitation, as who is signed in or, from the mail, as somebody new."""
    found = service.find(token)
    if found is None:
        return render(request, "tenants/invitation_gone.html", status=404)
    if request.user.is_authenticated:
        return _as_signed_in(request, found)
    proven = service.proves_mailbox(found, request.GET.get("proof", ""))
    # Who merely holds the link must not learn from it whether the address has an account.
    if not proven or Person.objects.filter(email=found.email).exists():
        context = {"invitation": found, "is_known": proven}
        return render(request, "tenants/invitation_sign_in.html", context)
    return _as_new(request, found)


@require_POST
@login_required
def accept(request: PersonRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """Accept from the page of companies: the person's own confirmed address is proof enough."""
    found = get_object_or_404(invitations_for(request.user), pk=id)
    return _enter(request, service.accept(invitation=found, person=request.user))


def _as_signed_in(request: PersonRequest, found: Invitation) -> HttpResponse:
    if not invitations_for(request.user).filter(pk=found.pk).exists():
        return render(request, "tenants/invitation_foreign.html", {"invitation": found}, status=403)
    if request.method == "POST":
        return _enter(request, service.accept(invitation=found, person=request.user))
    return render(request, "tenants/invitation.html", {"invitation": found})


def _as_new(request: PersonRequest, found: Invitation) -> HttpResponse:
    form = JoinForm(request.POST or None, invitation=found)
    if form.is_valid():
        try:
            person = service.accept_as_new(invitation=found, **form.cleaned_data)
        except DomainError as error:
            show_error(form, error)
        else:
            login(request, person, backend=BACKEND)
            return redirect(company_path(found.company, "home"))
    context = {"form": form, "invitation": found}
    return render(request, "tenants/join.html", context, status=422 if form.errors else 200)


def _enter(request: PersonRequest, membership: Membership) -> HttpResponse:
    messages.success(request, _("Welcome to %(name)s.") % {"name": membership.company.name})
    return redirect(company_path(membership.company, "home"))
