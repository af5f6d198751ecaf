"""Walking through all companies: commands that must reach every row, and what the clock starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import cast

import structlog
from django.conf import settings
from django.utils.module_loading import import_string
from django_tenants.utils import get_tenant_model

from core import scope
from core.scope import Scope

log = structlog.get_logger(__name__)


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


def in_every(work: Callable[[], None]) -> None:
    """Do something short inside every company; one in trouble is logged and holds up no other."""
    for company in all_companies():
        try:
            with scope.opened(company):
                work()
        except Exception:
            log.exception("companies.work_failed", company=str(company.id))
