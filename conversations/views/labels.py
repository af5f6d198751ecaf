"""Labels: a list with how many conversations have each, and a dialog to make and change one."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from conversations.models import Label
from conversations.services import labels
from conversations.work_forms import LabelForm
from conversations.work_selectors import labels_with_counts
from core.errors import DomainError
from core.forms import show_error
from tenants.access import requires
from tenants.http import MemberRequest


@require_safe
@requires("labels.view")
def index(request: MemberRequest) -> HttpResponse:
    """All labels."""
    return render(request, "conversations/labels.html", {"labels": labels_with_counts()})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("labels.manage")
def new(request: MemberRequest) -> HttpResponse:
    """The form of the dialog for a new label."""
    return _form(request, LabelForm(request.POST or None), None)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("labels.manage")
def edit(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """The form of the dialog for a label that is there."""
    label = get_object_or_404(Label, pk=id)
    initial = {"name": label.name, "color": label.color}
    return _form(request, LabelForm(request.POST or None, initial=initial), label)


@require_POST
@requires("labels.manage")
def delete(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Take a label off all conversations."""
    labels.delete_label(label=get_object_or_404(Label, pk=id))
    messages.success(request, _("The label is deleted; its conversations stay."))
    return redirect("labels")


def _form(request: MemberRequest, form: LabelForm, label: Label | None) -> HttpResponse:
    if form.is_bound and form.is_valid():
        try:
            if label is None:
                labels.create_label(**form.cleaned_data)
            else:
                labels.update_label(label=label, **form.cleaned_data)
        except DomainError as error:
            show_error(form, error)
        else:
            messages.success(request, _("The label is saved."))
            done = reverse("labels")
            return HttpResponseClientRedirect(done) if request.htmx else redirect(done)
    context = {"form": form, "label": label}
    status = 422 if form.errors else 200
    return render(request, "conversations/_label_form.html", context, status=status)
