"""The superadmin's sidebar, line by line: a model that is not here is not part of the work."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.navigation import Text
from tenants.links import platform_path


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """UNFOLD["SIDEBAR"]["navigation"]."""
    return [
        _group(
            _("Companies"),
            _link(_("Companies"), "apartment", "tenants_company_changelist"),
            _link(_("People"), "person", "tenants_person_changelist"),
            _link(_("Memberships"), "badge", "tenants_membership_changelist"),
            _link(_("Invitations"), "mail", "tenants_invitation_changelist"),
        ),
        _group(
            _("Traffic"),
            _link(_("Incidents"), "emergency_home", "tenants_incidentrollup_changelist"),
            _link(_("Connection health"), "monitor_heart", "connection-health"),
            _link(_("Routes"), "alt_route", "tenants_route_changelist"),
            _link(_("Received envelopes"), "inbox", "ingress_envelope_changelist"),
            _link(_("Parked items"), "local_parking", "ingress_parkeditem_changelist"),
        ),
        _group(
            _("Money"),
            _link(_("Prices"), "payments", "rates_rate_changelist"),
        ),
        _group(
            _("Machinery"),
            _link(_("Agenda"), "event_upcoming", "core_agendarow_changelist"),
            _link(_("Schedules"), "schedule", "django_celery_beat_periodictask_changelist"),
            _link(_("Intervals"), "timer", "django_celery_beat_intervalschedule_changelist"),
            _link(_("Crontabs"), "calendar_clock", "django_celery_beat_crontabschedule_changelist"),
            _link(_("Clocked"), "alarm", "django_celery_beat_clockedschedule_changelist"),
        ),
    ]


def _group(title: Text, *items: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "separator": True, "items": list(items)}


def _link(title: Text, icon: str, name: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": platform_path(f"admin:{name}")}
