"""What every page's shell needs: who is here, in which company, and where they can go."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from core import navigation
from tenants.http import MemberRequest
from tenants.links import platform_path
from tenants.permissions import granted_to


def shell(request: MemberRequest) -> dict[str, Any]:
    """Context processor; outside a company only `platform` is there."""
    context: dict[str, Any] = {"platform": _platform_links()}
    membership = getattr(request, "membership", None)
    if membership is None or not hasattr(request, "company"):
        return context
    can = granted_to(membership.role)
    nav = SimpleLazyObject(lambda: _nav(request, can))  # its badges ask the company's rows
    return {
        **context,
        "company": request.company,
        "member": {
            "name": request.user.get_full_name(),
            "email": request.user.email,
            "role": membership.role,
            "role_label": membership.get_role_display(),
        },
        "companies": SimpleLazyObject(lambda: _companies(request)),
        "nav": SimpleLazyObject(lambda: [item for item in nav if not item["footer"]]),
        "nav_footer": SimpleLazyObject(lambda: [item for item in nav if item["footer"]]),
        "can": can,
        "live": _live(request),
        "badges_url": reverse("badges"),
    }


def socket_url(request: MemberRequest) -> str:
    """Where the page's socket listens: SOCKET_URL, else this host on SOCKET_PORT."""
    path = f"/ws{request.company.path_prefix}"
    if settings.SOCKET_URL:
        return settings.SOCKET_URL + path
    scheme = "wss" if request.is_secure() else "ws"
    host = request.get_host().rsplit(":", 1)[0]
    return f"{scheme}://{host}:{settings.SOCKET_PORT}{path}"


def _platform_links() -> dict[str, str]:
    return {
        "home": platform_path("companies"),
        "sign_out": platform_path("account_logout"),
        "password": platform_path("account_change_password"),
        "language": platform_path("language"),
        "new_company": platform_path("company-new"),
    }


def _companies(request: MemberRequest) -> list[dict[str, Any]]:
    return [
        {
            "name": membership.company.name,
            "url": membership.company.path_prefix,
            "current": membership.company_id == request.company.pk,
        }
        for membership in request.memberships
        if membership.company.is_active
    ]


def _live(request: MemberRequest) -> dict[str, str]:
    """`since` was read before the view's queries, so nothing said after them can be missed."""
    return {
        "socket_url": socket_url(request),
        "poll_url": reverse("live"),
        "since": getattr(request, "live_since", ""),
    }


def _nav(request: MemberRequest, can: frozenset[str]) -> list[dict[str, Any]]:
    """The entries they may open; the nearest of those that the page lies under is current."""
    nav = [_nav_item(request, entry) for entry in navigation.entries if entry.permission in can]
    around = [(len(url), item) for item in nav for url in item["urls"] if _is_around(request, url)]
    if around:
        max(around, key=lambda one: one[0])[1]["current"] = True
    return nav


def _is_around(request: MemberRequest, url: str) -> bool:
    is_home = url == request.company.path_prefix
    return request.path == url if is_home else request.path.startswith(url)


def _nav_item(request: MemberRequest, entry: navigation.Entry) -> dict[str, Any]:
    url = reverse(entry.url_name)
    tabs = navigation.tabs.get(entry.section, ())
    return {
        "label": entry.label,
        "url": url,
        "urls": [url, *(reverse(tab.url_name) for tab in tabs)],
        "icon": entry.icon,
        "current": False,
        "badge": entry.badge(request) if entry.badge else 0,
        "live_topic": entry.live_topic,
        "name": entry.url_name,
        "footer": entry.footer,
        "go": entry.go,
    }
