"""The reference: the same list, read and rendered by the least that Django needs.

The list is read by the product's own selector (the query with its prefetches) and goes into the
product's own template, whole page with shell and 50 rows. Everything else is missing or a constant:
no middleware, no session, no person or membership, no counts (tags, unread, badges), no consent
look-up, no live cursor.
"""

from functools import cache
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from benchmarks.listpages.world import SLUG
from campaigns import selectors as campaign_reads
from campaigns.enums import CampaignState
from campaigns.views.listing import row_of
from core import navigation
from core.keyset import page_of
from crm import selectors as contact_reads
from crm.enums import IdentityKind
from tenants.enums import Role
from tenants.models import Company
from tenants.permissions import granted_to


def contacts(request: HttpRequest) -> HttpResponse:
    """The list of contacts."""
    _enter()
    page = page_of(contact_reads.contact_list(), cursor=None, field="created_at")
    rows = [
        {
            "contact": contact,
            "title": contact.name,
            "phone": contact_reads.shown_identity(contact, IdentityKind.PHONE),
            "email": contact_reads.shown_identity(contact, IdentityKind.EMAIL),
            "consent": True,
        }
        for contact in page.items
    ]
    context = {"rows": rows, "next_url": f"{reverse('contacts')}?cursor={page.next_cursor}"}
    return _page(request, "crm/contacts.html", context)


def campaigns(request: HttpRequest) -> HttpResponse:
    """The list of campaigns."""
    _enter()
    page = page_of(campaign_reads.campaign_list(), cursor=None, field="created_at")
    rows = [row_of(campaign) for campaign in page.items]
    context = {"page": page, "rows": rows, "state": "", "q": "", "states": CampaignState.choices}
    return _page(request, "campaigns/list.html", context)


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    # Without render_to_string's request there are no context processors.
    return HttpResponse(render_to_string(template, {**_shell(), **context, "request": request}))


def _enter() -> None:
    """Point the connection at the company's tables, which a list cannot do without."""
    connection.set_tenant(_shell()["company"])  # type: ignore[attr-defined]


@cache
def _shell() -> dict[str, Any]:
    """What the context processors say of an owner, once and for ever."""
    company = Company.objects.get(slug=SLUG)
    can = granted_to(Role.OWNER)
    nav = [_nav_item(entry) for entry in navigation.entries if entry.permission in can]
    return {
        "company": company,
        "member": {
            "name": "Olga Owner",
            "email": "owner@bench.example",
            "role": Role.OWNER,
            "role_label": Role.OWNER.label,
        },
        "companies": [{"name": company.name, "url": company.path_prefix, "current": True}],
        "nav": [item for item in nav if not item["footer"]],
        "nav_footer": [item for item in nav if item["footer"]],
        "can": can,
        "live": {"socket_url": "ws://localhost:5001/ws/", "poll_url": "/live/", "since": "1-0"},
        "platform": dict.fromkeys(("home", "sign_out", "password", "language", "new_company"), "/"),
        "badges_url": reverse("badges"),
        "notifications_url": reverse("notifications"),
        "bell": {"topic": "notifications", "unread": 0},
        "search_url": reverse("search"),
        "csrf_token": "c" * 64,
    }


def _nav_item(entry: navigation.Entry) -> dict[str, Any]:
    return {
        "label": entry.label,
        "url": reverse(entry.url_name),
        "icon": entry.icon,
        "current": False,
        "badge": 0,
        "live_topic": entry.live_topic,
        "name": entry.url_name,
        "footer": entry.footer,
        "go": entry.go,
    }
