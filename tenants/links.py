"""Addresses: outside templates, links are made here and nowhere else.

Two urlconfs share the host, and a company's pages run with its prefix as the script prefix; a bare
`reverse()` would put that prefix before sign-in, admin and webhook addresses.
"""

from typing import Any

from django.conf import settings
from django.urls import get_script_prefix, reverse, set_script_prefix

from tenants.models import Company


def platform_path(name: str, *args: Any, **kwargs: Any) -> str:
    """The path of a platform page (sign-in, companies, webhooks, API), whoever asks."""
    return _reverse("/", settings.ROOT_URLCONF, name, *args, **kwargs)


def platform_url(name: str, *args: Any, **kwargs: Any) -> str:
    """The same with scheme and host."""
    return settings.PLATFORM_URL + platform_path(name, *args, **kwargs)


def company_path(company: Company, name: str, *args: Any, **kwargs: Any) -> str:
    """The path of a page of a company, also from outside it."""
    return _reverse(company.path_prefix, settings.COMPANY_URLCONF, name, *args, **kwargs)


def _reverse(prefix: str, urlconf: str, name: str, *args: Any, **kwargs: Any) -> str:
    before = get_script_prefix()
    set_script_prefix(prefix)
    try:
        return reverse(name, urlconf=urlconf, args=args, kwargs=kwargs)
    finally:
        set_script_prefix(before)
