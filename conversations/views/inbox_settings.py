"""How the company works in its inbox."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from conversations.services import inbox_settings
from conversations.settings_form import InboxSettingsForm
from core.errors import DomainError
from core.forms import show_error
from tenants.access import actor_of, requires
from tenants.http import MemberRequest


@require_http_methods(["GET", "HEAD", "POST"])
@requires("inbox.manage")
def index(request: MemberRequest) -> HttpResponse:
    """Who sees which conversations."""
    form = InboxSettingsForm(
        request.POST if request.method == "POST" else None,
        initial=InboxSettingsForm.values_of(inbox_settings.stored()),
    )
    if form.is_valid():
        try:
            inbox_settings.change(actor=actor_of(request), **form.cleaned_data)
        except DomainError as error:
            show_error(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("inbox-settings")
    context = {"form": form}
    status = 422 if form.errors else 200
    return render(request, "conversations/inbox_settings.html", context, status=status)
