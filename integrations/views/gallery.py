"""Which systems there are, and connecting one: over its own page, or with a key."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core import scope
from core.errors import DomainError
from core.forms import show_error
from integrations import consents, selectors
from integrations.forms import KeyForm
from integrations.services import connecting, tokens
from team.models import Member
from team.selectors import member_of
from tenants.access import actor_of, requires
from tenants.http import MemberRequest, PersonRequest
from tenants.links import company_path
from tenants.models import Membership
from tenants.permissions import allows
from tenants.selectors import memberships_of
from tenants.services.authors import person_actor


@require_safe
@requires("integrations.view")
def index(request: HttpRequest) -> HttpResponse:
    """Every system, and how each is doing."""
    return render(request, "integrations/list.html", {"rows": selectors.gallery()})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("integrations.manage")
def new(request: MemberRequest) -> HttpResponse:
    """Connect the system that `?system=` names."""
    speaker = connecting.provider_named(request.GET.get("system", ""))
    typed = request.POST if request.method == "POST" else None
    form = KeyForm(typed, provider=speaker)
    if form.is_valid():
        try:
            found = connecting.connect_by_key(
                slug=speaker.slug,
                values=form.cleaned_data,
                by=member_of(request),
                actor=actor_of(request),
            )
        except DomainError as error:
            show_error(form, error)
        else:
            messages.success(request, _("%(name)s is connected.") % {"name": speaker.label})
            return redirect("integration", found.pk)
    authorize_url = ""
    if speaker.capabilities.oauth and speaker.offers_oauth():
        state = consents.begin(request, company_id=request.company.pk, provider=speaker.slug)
        authorize_url = speaker.authorize_url(
            state=state, redirect_uri=tokens.redirect_uri(speaker.slug)
        )
    context = {"provider": speaker, "form": form, "authorize_url": authorize_url}
    status = 422 if form.errors else 200
    return render(request, "integrations/new.html", context, status=status)


@require_safe
@login_required
def callback(request: PersonRequest, provider: str) -> HttpResponse:
    """Somebody comes back from a system's page, with a code or without one."""
    asked = consents.take(request, state=request.GET.get("state", ""), provider=provider)
    membership = _membership(request, asked)
    if asked is None or membership is None:
        messages.error(request, _("This way back is not yours or was used. Connect once more."))
        return redirect("companies")
    company = membership.company
    with scope.opened(company), scope.surroundings(company):
        try:
            found = connecting.connect_by_consent(
                slug=asked.provider,
                params=request.GET.dict(),
                by=Member.objects.filter(person_id=request.user.pk).first(),
                actor=person_actor(request.user.pk),
            )
        except DomainError as error:
            messages.error(request, error.text)
            path = f"{company_path(company, 'integration-new')}?system={asked.provider}"
            return redirect(path)
    label = connecting.provider_named(asked.provider).label
    messages.success(request, _("%(name)s is connected.") % {"name": label})
    return redirect(company_path(company, "integration", found.pk))


def _membership(request: PersonRequest, asked: consents.Consent | None) -> Membership | None:
    """Their membership as it is now: rights may have gone while they were away."""
    if asked is None:
        return None
    found = memberships_of(request.user).filter(company_id=asked.company_id).first()
    if found is None or not found.company.is_active:
        return None
    return found if allows(found.role, "integrations.manage") else None
