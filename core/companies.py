"""Walking through all companies, for commands that must reach every row of every schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string
from django_tenants.utils import get_tenant_model

from core import scope
from core.scope import Scope


def all_companies() -> Iterator[Scope]:
    """Every company that has a schema. ``settings.COMPANY_MODEL_ITERATOR`` (a dotted path to a
    function) may say which; by default all rows of the tenant model except the shared one."""
    path = getattr(settings, "COMPANY_MODEL_ITERATOR", "")
    with scope.public():
        companies: Iterable[Scope]
        if path:
            companies = list(import_string(path)())
        else:
            rows = get_tenant_model()._default_manager.exclude(schema_name=scope.PUBLIC)
            companies = cast("list[Scope]", list(rows.order_by("pk")))
    yield from companies
