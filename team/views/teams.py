"""Teams: a list, and a dialog to make and change one."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from core.errors import DomainError
from core.forms import show_error
from team import selectors
from team.forms import TeamForm
from team.models import Team
from team.services import teams
from tenants.access import actor_of, requires
from tenants.http import MemberRequest


@require_safe
@requires("teams.view")
def index(request: MemberRequest) -> HttpResponse:
    """All teams with their members."""
    return render(request, "team/teams.html", {"teams": selectors.teams()})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("teams.manage")
def new(request: MemberRequest) -> HttpResponse:
    """The form of the dialog for a new team."""
    return _form(request, TeamForm(request.POST or None), None)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("teams.manage")
def edit(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """The form of the dialog for a team that is there."""
    team = get_object_or_404(selectors.teams(), pk=id)
    return _form(request, TeamForm(request.POST or None, initial=TeamForm.values_of(team)), team)


@require_POST
@requires("teams.manage")
def delete(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """Forget a team."""
    teams.delete_team(team_id=id, actor=actor_of(request))
    messages.success(request, _("The team is deleted; its members stay."))
    return redirect("teams")


def _form(request: MemberRequest, form: TeamForm, team: Team | None) -> HttpResponse:
    if form.is_valid():
        try:
            if team is None:
                teams.create_team(**form.cleaned_data, actor=actor_of(request))
            else:
                teams.update_team(team_id=team.pk, **form.cleaned_data, actor=actor_of(request))
        except DomainError as error:
            show_error(form, error)
        else:
            messages.success(request, _("The team is saved."))
            done = reverse("teams")
            return HttpResponseClientRedirect(done) if request.htmx else redirect(done)
    context = {"form": form, "team": team}
    return render(request, "team/_team.html", context, status=422 if form.errors else 200)
