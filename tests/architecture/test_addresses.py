"""Two urlconfs, each route in exactly one of them, and names that lead to one place."""

from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from django.conf import settings
from django.urls import URLPattern, URLResolver


def routes(urlconf: str) -> list[tuple[str, str, Any]]:
    """Every route as (path, name, view), admin and allauth included."""
    return list(_walk(import_module(urlconf).urlpatterns, "", ""))


def _walk(patterns: list[Any], prefix: str, namespace: str) -> Iterator[tuple[str, str, Any]]:
    for item in patterns:
        path = prefix + str(item.pattern)
        if isinstance(item, URLResolver):
            inner = f"{namespace}{item.namespace}:" if item.namespace else namespace
            yield from _walk(item.url_patterns, path, inner)
        elif isinstance(item, URLPattern):
            yield path, f"{namespace}{item.name or ''}", item.callback


def test_each_view_lives_in_exactly_one_urlconf() -> None:
    platform = {view for _, _, view in routes(settings.ROOT_URLCONF)}
    company = {view for _, _, view in routes(settings.COMPANY_URLCONF)}
    assert platform & company == set()


def test_every_route_has_a_name_of_its_own() -> None:
    for urlconf in (settings.ROOT_URLCONF, settings.COMPANY_URLCONF):
        found = routes(urlconf)
        own = [
            (path, name) for path, name, view in found if not view.__module__.startswith("django.")
        ]
        assert [path for path, name in own if not name] == []
        counted = Counter(
            name for path, name in own if "format" not in path and not name.startswith("admin:")
        )
        assert [name for name, times in counted.items() if times > 2] == []


def test_every_company_page_names_its_permission() -> None:
    missing = [
        path
        for path, _, view in routes(settings.COMPANY_URLCONF)
        if not hasattr(view, "permission")
    ]
    assert missing == []
