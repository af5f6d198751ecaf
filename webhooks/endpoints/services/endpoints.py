"""Endpoints: made, changed, switched on and off, tried, deleted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import agenda
from core.errors import Invalid
from core.ids import uuid7
from team.models import Member
from webhooks.endpoints import addresses, catalogue, notices, own_headers
from webhooks.endpoints.agenda import SEND
from webhooks.endpoints.enums import DispatchState, EndpointOrigin, EndpointState
from webhooks.endpoints.models import Dispatch, Endpoint
from webhooks.endpoints.outgoing import Outgoing
from webhooks.endpoints.services import queueing, recording, redriving, secrets

LONGEST_NAME = 80


@transaction.atomic
def create_endpoint(
    *,
    url: str,
    name: str = "",
    types: Collection[str] = (),
    wants_all: bool = False,
    headers: Mapping[str, str] | None = None,
    origin: str = EndpointOrigin.MANUAL,
    by: Member | None = None,
    actor: str = "system",
) -> tuple[Endpoint, str]:
    """Have events sent to an address from now on.

    Args:
        name: the host if empty.
        types: of the public catalogue; may be empty for an endpoint that automations call.
        headers: the company's own, kept encrypted.

    Returns:
        The endpoint, and the secret of its signatures, which is told this once.

    Raises:
        core.errors.Invalid: under `url`, `types` or `headers`.
    """
    addresses.check(url)
    endpoint = Endpoint(
        name=(name.strip() or addresses.shown(url))[:LONGEST_NAME],
        url=url,
        types=_known(types),
        wants_all=wants_all,
        origin=origin,
        created_by=by,
    )
    endpoint.headers = own_headers.clean(headers or {})
    endpoint.save()
    secret = secrets.create(endpoint=endpoint)
    queueing.declare()
    recording.tell(endpoint, "created", actor)
    return endpoint, secret


@transaction.atomic
def update_endpoint(*, endpoint: Endpoint, actor: str = "system", **changes: Any) -> Endpoint:
    """Change name, url, types, wants_all or headers; what is not named stays.

    Raises:
        core.errors.Invalid: under `url`, `types` or `headers`.
    """
    endpoint = Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    if changes.get("url", endpoint.url) != endpoint.url:
        addresses.check(changes["url"])
        endpoint.rests_until = None
    if "types" in changes:
        changes["types"] = _known(changes["types"])
    if "headers" in changes:
        changes["headers"] = own_headers.clean(changes["headers"])
    if "name" in changes:
        named = changes["name"].strip() or addresses.shown(changes.get("url", endpoint.url))
        changes["name"] = named[:LONGEST_NAME]
    for field in ("name", "url", "types", "wants_all", "headers"):
        if field in changes:
            setattr(endpoint, field, changes[field])
    endpoint.save()
    queueing.declare()
    recording.tell(endpoint, "updated", actor)
    return endpoint


@transaction.atomic
def activate(
    *,
    endpoint: Endpoint,
    sends_held: bool = False,
    by: Member | None = None,
    actor: str = "system",
) -> None:
    """Send to it again, with a clean sheet.

    Args:
        sends_held: also what was held back while it was off.
    """
    endpoint.state, endpoint.cause = EndpointState.ACTIVE, ""
    endpoint.failing_since, endpoint.failures, endpoint.rests_until = None, 0, None
    endpoint.save(update_fields=["state", "cause", "failing_since", "failures", "rests_until"])
    notices.mended(endpoint)
    queueing.declare()
    if sends_held:
        redriving.redrive(endpoint=endpoint, state=DispatchState.HELD, by=by)
    agenda.append(SEND)
    recording.tell(endpoint, "activated", actor)


@transaction.atomic
def deactivate(*, endpoint: Endpoint, actor: str = "system") -> None:
    """Send nothing more to it; what waits is held back."""
    endpoint.state, endpoint.cause = EndpointState.INACTIVE, ""
    endpoint.save(update_fields=["state", "cause"])
    recording.hold(endpoint)
    notices.mended(endpoint)
    queueing.declare()
    recording.tell(endpoint, "deactivated", actor)


def delete_endpoint(*, endpoint: Endpoint, actor: str = "system") -> None:
    """Forget an endpoint; what it got stays in the log for as long as that is kept."""
    recording.end(endpoint, actor=actor)


@transaction.atomic
def send_test(*, endpoint: Endpoint, type: str) -> Dispatch:  # noqa: A002 -- as the catalogue says
    """Send a sample event of a type, once, whether the endpoint is on or off.

    Raises:
        core.errors.Invalid: under `type`.
    """
    public = catalogue.public_types().get(type)
    if public is None:
        raise Invalid({"type": _("Choose a type of event.")})
    told = Outgoing(uuid7(), public.name, public.version, public.data_sample)
    queueing.freeze([told], at=timezone.now(), sequence=0, is_test=True)
    dispatch = Dispatch.objects.create(endpoint=endpoint, event_id=told.id)
    Endpoint.objects.filter(pk=endpoint.pk).update(rests_until=None)
    agenda.append(SEND)
    return dispatch


def _known(types: Collection[str]) -> list[str]:
    unknown = sorted(set(types) - set(catalogue.public_types()))
    if unknown:
        text = _("There is no event “%(name)s”.") % {"name": unknown[0][:64]}
        raise Invalid({"types": text})
    return [name for name in catalogue.public_types() if name in set(types)]
