"""The superadmin's first page: how many companies there are, and what waits for somebody."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import AgendaRow
from tenants.enums import CompanyState
from tenants.models import Company, IncidentRollup, Membership, Person


def numbers(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's DASHBOARD_CALLBACK: `cards` of `{"title", "value", "hint", "url"}`."""
    companies = Company.objects.filter(is_template=False).exclude(schema_name="public")
    suspended = companies.filter(state=CompanyState.SUSPENDED).count()
    late = AgendaRow.objects.filter(due_at__lt=timezone.now()).count()
    context["cards"] = [
        {
            "title": _("Companies"),
            "value": companies.count(),
            "hint": _("%(count)s suspended") % {"count": suspended},
            "url": reverse("admin:tenants_company_changelist"),
        },
        {
            "title": _("People"),
            "value": Person.objects.filter(is_active=True).count(),
            "hint": _("%(count)s memberships") % {"count": Membership.objects.count()},
            "url": reverse("admin:tenants_person_changelist"),
        },
        {
            "title": _("Agenda"),
            "value": AgendaRow.objects.count(),
            "hint": _("%(count)s due now") % {"count": late},
            "url": reverse("admin:core_agendarow_changelist"),
        },
        {
            "title": _("Open incidents"),
            "value": IncidentRollup.objects.filter(closed_at=None).count(),
            "hint": _("What is in trouble, and where"),
            "url": reverse("admin:tenants_incidentrollup_changelist") + "?closed_at__isempty=1",
        },
        {
            "title": _("Connections"),
            "value": "→",
            "hint": _("Health of every number"),
            "url": reverse("admin:connection-health"),
        },
    ]
    return context
