"""When the company is there, and what it says when it is not."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from conversations.hours import current
from conversations.hours_form import BusinessHoursForm
from conversations.services import away
from core.errors import DomainError
from core.forms import show_error
from tenants.access import actor_of, requires
from tenants.http import MemberRequest


@require_http_methods(["GET", "HEAD", "POST"])
@requires("business_hours.manage")
def index(request: MemberRequest) -> HttpResponse:
    """The hours of the week, holidays and the away message."""
    form = BusinessHoursForm(
        request.POST if request.method == "POST" else None,
        initial=BusinessHoursForm.values_of(current()),
    )
    if form.is_valid():
        try:
            away.change(**form.values, actor=actor_of(request))
        except DomainError as error:
            show_error(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("business-hours")
    context = {"form": form, "zone": request.company.timezone.replace("_", " ")}
    return render(request, "conversations/hours.html", context, status=422 if form.errors else 200)
