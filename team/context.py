"""What the shell needs from the team: the bell, the palette's search, the settings' navigation."""

from typing import Any

from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from team import presence, settings_nav
from team.notifications import topic_of
from team.selectors import member_and_unread, member_of
from tenants.http import MemberRequest


def shell(request: MemberRequest) -> dict[str, Any]:
    """Context processor; empty outside a company. Fragments pay nothing for what they leave out."""
    if getattr(request, "membership", None) is None or not hasattr(request, "company"):
        return {}
    return {
        "badges_url": reverse("badges"),
        "notifications_url": reverse("notifications"),
        "bell": SimpleLazyObject(lambda: _bell(request)),
        "presences": SimpleLazyObject(presence.now),
        "shell_member": SimpleLazyObject(lambda: member_of(request)),
        "search_url": reverse("search"),
        "settings_nav": SimpleLazyObject(lambda: settings_nav.visible(request)),
    }


def _bell(request: MemberRequest) -> dict[str, Any]:
    member, unread = member_and_unread(request)
    return {"topic": topic_of(member.pk), "unread": unread}
