"""The public registry of sources' addresses: whose each is, and how its posts are proved."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from core import scope
from tenants.enums import RouteKind, RouteState
from tenants.models import Route, RouteOwner
from webhooks.sources.enums import SourceState
from webhooks.sources.models import Source
from webhooks.sources.posts import PROVIDER

TOKEN_BYTES = 24  # too many to guess: a source without a signature has nothing else


def new_token() -> str:
    """A routing id for an address."""
    return secrets.token_urlsafe(TOKEN_BYTES)


@transaction.atomic
def claim(source: Source, *, secret: str) -> None:
    """Open the source's address for this company."""
    route = Route(
        kind=RouteKind.WEBHOOK,
        provider=PROVIDER,
        external_id=source.token,
        company_id=scope.required_company_id(),
        connection_id=source.pk,
        settings=settings_of(source),
    )
    route.secret = secret
    route.save()
    _remember(route)


@transaction.atomic
def renew(source: Source, *, secret: str | None = None) -> None:
    """What the door goes by is what the source says now; the secret stays unless one is given."""
    route = _route(source)
    route.settings = settings_of(source)
    fields = ["settings", "updated_at"]
    if secret is not None:
        route.secret = secret
        fields.append("secret")
    route.save(update_fields=fields)


@transaction.atomic
def release(source: Source) -> None:
    """Close the address for good; its secret is forgotten."""
    route = _route(source)
    route.state, route.secret = RouteState.RELEASED, ""
    route.save(update_fields=["state", "secret", "updated_at"])
    _remember(route)


def secret_of(source: Source) -> str:
    """What its posts are proved with; empty if there is nothing."""
    return _route(source).secret


def settings_of(source: Source) -> Mapping[str, Any]:
    """What the door needs to know of a source, without any secret."""
    return {
        **source.verification,
        "scheme": source.scheme,
        "is_active": source.state == SourceState.ACTIVE,
    }


def _route(source: Source) -> Route:
    return Route.objects.get(
        kind=RouteKind.WEBHOOK,
        provider=PROVIDER,
        external_id=source.token,
        company_id=scope.required_company_id(),
    )


def _remember(route: Route) -> None:
    RouteOwner.objects.create(route=route, company_id=route.company_id, state=route.state)
