"""The public registry of numbers: one belongs to one company on the whole platform."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from core import scope
from core.errors import Conflict
from tenants.enums import CompanyState, RouteKind, RouteState
from tenants.models import Route, RouteOwner

TAKEN = _(
    "This number is already connected on this platform. Release it where it is, then connect it "
    "here."
)


@transaction.atomic
def claim(connection: Connection, *, secret: str, verify_token: str) -> None:
    """Make the connection's number and webhook address this company's.

    Args:
        secret: what the provider signs its callbacks with.

    Raises:
        core.errors.Conflict: the number is in use; whose it is stays untold.
    """
    _take(RouteKind.NUMBER, connection, connection.external_id, account_id=connection.account_id)
    _take(
        RouteKind.WEBHOOK,
        connection,
        connection.webhook_token,
        secret=secret,
        verify_token=verify_token,
    )


@transaction.atomic
def renew_secret(connection: Connection, *, secret: str, verify_token: str) -> None:
    """The address stays; what its callbacks are signed with is another from now on."""
    route = Route.objects.get(
        kind=RouteKind.WEBHOOK,
        provider=connection.provider,
        external_id=connection.webhook_token,
    )
    route.secret, route.verify_token = secret, verify_token
    route.save(update_fields=["secret", "verify_token", "updated_at"])


@transaction.atomic
def release(connection: Connection) -> None:
    """Free the number for others; what still arrives for it is parked."""
    for route in Route.objects.select_for_update().filter(
        company_id=scope.required_company_id(), connection_id=connection.pk
    ):
        route.state = RouteState.RELEASED
        route.save(update_fields=["state", "updated_at"])
        _remember(route)


def is_elsewhere(*, provider: str, number: str) -> bool:
    """Whether another company has this number."""
    return (
        Route.objects.filter(
            kind=RouteKind.NUMBER,
            provider=provider,
            external_id=number,
            state=RouteState.ACTIVE,
        )
        .exclude(company_id=scope.required_company_id())
        .exclude(company__state=CompanyState.DELETED)
        .exists()
    )


def _take(kind: RouteKind, connection: Connection, external_id: str, **fields: Any) -> None:
    company_id = scope.required_company_id()
    route, created = Route.objects.select_for_update(of=("self",)).get_or_create(
        kind=kind,
        provider=connection.provider,
        external_id=external_id,
        defaults={"company_id": company_id, "connection_id": connection.pk, **fields},
    )
    if not created:
        if _is_held(route, connection):
            raise Conflict("number_taken", TAKEN, field="number_id")
        route.company_id = company_id
        route.connection_id = connection.pk
        route.state = RouteState.ACTIVE
        for name, value in fields.items():
            setattr(route, name, value)
        route.save()
    _remember(route)


def _is_held(route: Route, connection: Connection) -> bool:
    """Somebody else has it: released numbers and those of deleted companies are free."""
    if route.state != RouteState.ACTIVE or route.connection_id == connection.pk:
        return False
    return route.company.state != CompanyState.DELETED


def _remember(route: Route) -> None:
    RouteOwner.objects.create(route=route, company_id=route.company_id, state=route.state)
