"""Which company the running code belongs to: opened in one place, reset in one place.

The schema is state of the database connection, and threads and async code start in ``public``.
So everything of a company runs in synchronous code inside ``opened(company)``; async code crosses
over through ``in_company`` and ``in_public`` alone. Who the companies are is told by
``set_resolver``; this module knows only that they have an id and a schema.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, ParamSpec, Protocol, TypeVar, cast, runtime_checkable
from zoneinfo import ZoneInfo

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import close_old_connections, connection
from django.urls import get_script_prefix, get_urlconf, set_script_prefix, set_urlconf
from django.utils import timezone, translation

P = ParamSpec("P")
R = TypeVar("R")

PUBLIC = "public"


@runtime_checkable
class Scope(Protocol):
    """What a company is to this module. May also have ``language``, ``timezone`` (IANA name) and
    ``path_prefix`` (``/c/acme/``), which ``surroundings`` activates."""

    @property
    def id(self) -> uuid.UUID: ...

    @property
    def schema_name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class CompanyRef:
    """A company known by id and schema alone: enough to open its scope without a query."""

    id: uuid.UUID
    schema_name: str


class UnknownCompany(LookupError):
    """No company has this id (or it was deleted)."""


class OutsideCompany(RuntimeError):
    """Code that belongs to a company ran outside of one."""


class _TenantConnection(Protocol):
    """What django-tenants adds to Django's connection."""

    tenant: Any

    def set_tenant(self, tenant: Any) -> None: ...

    def set_schema_to_public(self) -> None: ...


_tenancy = cast("_TenantConnection", connection)

Resolver = Callable[[uuid.UUID], Scope]
_resolver: Resolver | None = None


def set_resolver(resolver: Resolver) -> None:
    """Tell how a company is found by id; called once, by the app that owns companies.

    The resolver runs in public and raises ``UnknownCompany`` if there is none.
    """
    global _resolver
    _resolver = resolver


def resolve(company_id: uuid.UUID | str) -> Scope:
    """The company with this id; raises ``UnknownCompany``."""
    if _resolver is None:
        raise ImproperlyConfigured("core.scope.set_resolver() was not called.")
    try:
        key = company_id if isinstance(company_id, uuid.UUID) else uuid.UUID(company_id)
    except ValueError:
        raise UnknownCompany(company_id) from None
    with public():
        return _resolver(key)


def current() -> Scope | None:
    """The company whose scope is open here, or None in public."""
    tenant = _tenancy.tenant
    if tenant is None or tenant.schema_name == PUBLIC:
        return None
    if getattr(tenant, "id", None) is None:
        # schema_context() sets a stand-in that knows only the schema's name. Encryption and keys
        # are bound to the id, so guessing would write what nobody can read.
        raise OutsideCompany(
            f"The schema {tenant.schema_name} was opened by name; open it by core.scope.opened()."
        )
    return cast("Scope", tenant)


def company_id() -> uuid.UUID | None:
    """The id of the company whose scope is open here, or None in public."""
    scope = current()
    return scope.id if scope else None


def required_company_id() -> uuid.UUID:
    """The id of the open company; raises ``OutsideCompany`` in public."""
    scope = current()
    if scope is None:
        raise OutsideCompany("This needs a company, and none is open here.")
    return scope.id


@contextlib.contextmanager
def opened(company: Scope) -> Iterator[Scope]:
    """Run inside the company's schema; afterwards back where it was, whatever happened."""
    before = _tenancy.tenant
    _tenancy.set_tenant(company)
    try:
        yield company
    finally:
        _restore(before)


@contextlib.contextmanager
def public() -> Iterator[None]:
    """Run in the shared schema; afterwards back where it was."""
    before = _tenancy.tenant
    if before is not None and before.schema_name == PUBLIC:
        yield
        return
    _tenancy.set_schema_to_public()
    try:
        yield
    finally:
        _restore(before)


def _restore(tenant: Any) -> None:
    if tenant is None or tenant.schema_name == PUBLIC:
        _tenancy.set_schema_to_public()
    else:
        _tenancy.set_tenant(tenant)


@contextlib.contextmanager
def surroundings(company: Scope) -> Iterator[None]:
    """The company's language, time zone, path prefix and urlconf, for code without a request.

    Without it a link or a date made in a task would carry what the last task left behind.
    """
    prefix, urlconf = get_script_prefix(), get_urlconf()
    language = getattr(company, "language", "") or settings.LANGUAGE_CODE
    zone = getattr(company, "timezone", "") or settings.TIME_ZONE
    try:
        set_script_prefix(getattr(company, "path_prefix", "") or "/")
        set_urlconf(getattr(settings, "COMPANY_URLCONF", None))
        with translation.override(language), timezone.override(_zone(zone)):
            yield
    finally:
        set_script_prefix(prefix)
        set_urlconf(urlconf)


def _zone(zone: str | ZoneInfo) -> ZoneInfo:
    return zone if isinstance(zone, ZoneInfo) else ZoneInfo(zone)


def in_company(company: Scope) -> Callable[[Callable[P, R]], Callable[P, Awaitable[R]]]:
    """THE way from async code to a company's data: ``await in_company(seat.scope)(load)(id)``.

    ``load`` is synchronous and runs in a thread with the company's schema open around exactly
    this call. Opening the schema in async code and querying later reads other companies' rows.
    """

    def wrap(function: Callable[P, R]) -> Callable[P, Awaitable[R]]:
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            with fresh_connections(), opened(company), surroundings(company):
                return function(*args, **kwargs)

        return cast("Callable[P, Awaitable[R]]", sync_to_async(run))

    return wrap


def in_public(function: Callable[P, R]) -> Callable[P, Awaitable[R]]:
    """The way from async code to what is nobody's own (Redis, the shared schema).

    ``function`` is synchronous and runs in a thread with the shared schema open.
    """

    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with fresh_connections(), public():
            return function(*args, **kwargs)

    return cast("Callable[P, Awaitable[R]]", sync_to_async(run))


@contextlib.contextmanager
def fresh_connections() -> Iterator[None]:
    """For a thread of an event loop: what a request does with connections at its start and end.

    Not inside a transaction, where Channels' own ``database_sync_to_async`` would cut it off.
    """
    _close_stale()
    try:
        yield
    finally:
        _close_stale()


def _close_stale() -> None:
    if not connection.in_atomic_block:
        close_old_connections()
