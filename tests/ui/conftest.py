"""Pages of the look, rendered once and served to a real browser without any server.

Whatever the browser asks for comes from `answers`, then from static/; the network is not touched.
"""

import json
import mimetypes
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.account.forms import LoginForm
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.shortcuts import render
from django.test import RequestFactory
from django.urls import set_urlconf
from django.utils import translation
from playwright.sync_api import Browser, Page, Route, sync_playwright

from core.ui import views

SITE = "http://ui.test"
STATIC = Path(settings.BASE_DIR) / "static"
AXE = Path(settings.BASE_DIR) / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; connect-src 'self' ws:; object-src 'none'"
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, else Playwright's; skipped aloud where there is none."""
    with sync_playwright() as playwright:
        found = shutil.which("chromium") or playwright.chromium.executable_path
        if not Path(found).exists():
            pytest.skip("no Chromium on this machine: browser tests were not run")
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def request_of(settings: Any) -> HttpRequest:
    settings.DEBUG = True
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    return request


@pytest.fixture
def answers(request_of: HttpRequest) -> dict[str, Any]:
    """Path → HTML, a dict (JSON) or a function of the route that makes one of them."""
    with translation.override("en"):
        return {
            "/gallery": views.gallery(request_of).content.decode(),
            "/sign-in": _page(request_of, "account/login.html", form=LoginForm(), signup_url="/up"),
            "/shell": _company_page(request_of, "team/home.html", **SHELL),
            "/missing": _page(request_of, "errors/404.html"),
        }


@pytest.fixture
def open_page(chromium: Browser, answers: dict[str, Any]) -> Iterator[Callable[..., Page]]:
    """`open_page("/gallery", width=390)`; script errors fail the test."""
    opened: list[tuple[Any, list[str]]] = []

    def visit(path: str, *, width: int = 1440) -> Page:
        # No motion: a colour halfway between two themes is no colour of ours.
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, reduced_motion="reduce"
        )
        errors: list[str] = []
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        opened.append((context, errors))
        page.route(f"{SITE}/**", lambda route: _answer(route, answers))
        page.goto(SITE + path)
        wait_for_htmx(page)
        return page

    yield visit
    errors = [error for context, found in opened for error in found]
    for context, _ in opened:
        context.close()
    assert errors == []


def wait_for_htmx(page: Page) -> None:
    """htmx wires the page a moment after it has loaded; a machine types faster than that."""
    page.wait_for_function(
        "[...document.querySelectorAll('[hx-get]')].every("
        "element => element.dataset.htmxPowered || element.closest('[hx-ignore]'))"
    )


def axe_violations(page: Page) -> list[str]:
    """What axe-core finds on the page: rule and first element of each violation."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run()")["violations"]
    return [f"{violation['id']}: {violation['nodes'][0]['html'][:120]}" for violation in found]


def _page(request: HttpRequest, template: str, **context: Any) -> str:
    return render(request, template, context).content.decode()


def _company_page(request: HttpRequest, template: str, **context: Any) -> str:
    set_urlconf(settings.COMPANY_URLCONF)
    try:
        return _page(request, template, **context)
    finally:
        set_urlconf(None)


def _answer(route: Route, answers: dict[str, Any]) -> None:
    path = urlsplit(route.request.url).path
    answer = answers.get(path)
    if callable(answer):
        answer = answer(route)
    headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
    if isinstance(answer, dict):
        route.fulfill(json=answer)
    elif isinstance(answer, str):
        route.fulfill(body=answer, content_type="text/html; charset=utf-8", headers=headers)
    elif path.startswith("/static/"):
        file = STATIC / path.removeprefix("/static/")
        route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file)[0] or "")
    else:
        route.fulfill(status=404, body=json.dumps({"path": path}))


def _entry(label: str, url: str, icon: str, badge: int = 0) -> dict[str, Any]:
    return {
        "label": label,
        "url": url,
        "icon": icon,
        "current": url == "/shell",
        "badge": badge,
        "live_topic": "inbox" if badge else "",
        "name": label.lower(),
    }


SHELL: dict[str, Any] = {
    "company": SimpleNamespace(name="Loja Aurora", slug="aurora", path_prefix="/c/aurora/"),
    "member": {"name": "Ana Souza", "email": "ana@aurora.example", "role_label": "Owner"},
    "companies": [
        {"name": "Loja Aurora", "url": "/c/aurora/", "current": True},
        {"name": "Clínica Vida", "url": "/c/vida/", "current": False},
    ],
    "nav": [_entry("Home", "/shell", "house"), _entry("Inbox", "/inbox", "message-circle", 12)],
    "nav_footer": [_entry("Settings", "/settings", "settings")],
    "live": {"socket_url": "ws://ui.test/ws/c/aurora/", "poll_url": "/live"},
    "notifications_url": "/notifications",
    "badges_url": "/badges",
    "search_url": "/search",
    "bell": {"topic": "notifications:1", "unread": 0},
}
