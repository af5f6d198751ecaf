"""The settings page of the sending rules."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.forms import show_error
from messaging.policy_forms import SendingPolicyForm
from messaging.services import policies, spending
from team.selectors import member_of
from tenants.access import actor_of, requires
from tenants.http import MemberRequest


@require_http_methods(["GET", "HEAD", "POST"])
@requires("company.manage")
def edit(request: MemberRequest) -> HttpResponse:
    """Hours, how often, money and consent, for everything that is sent."""
    policy = policies.current()
    form = SendingPolicyForm(request.POST or None, initial=SendingPolicyForm.initial_of(policy))
    if form.is_valid():
        try:
            policies.change(by=member_of(request), actor=actor_of(request), **form.values)
        except DomainError as error:
            show_error(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("sending-policy")
    context = {"form": form, "policy": policy, "spent": spending.of_month(timezone.now())}
    return render(request, "messaging/policy.html", context, status=422 if form.errors else 200)
