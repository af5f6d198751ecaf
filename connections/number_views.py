"""Numbers to be had at a provider: looked for in the wizard, and kept on a number's page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from connections.forms import NumberSearchForm
from connections.models import Connection
from connections.providers.base import Provider
from connections.selectors import provider_of
from connections.services import numbers
from connections.services.connections import NUMBER_ID
from connections.views import provider_asked
from core.errors import DomainError, Invalid, NotFound
from core.ui.formatting import phone
from tenants.access import actor_of, requires


@require_POST
@requires("connections.manage")
def offers(request: HttpRequest) -> HttpResponse:
    """In the wizard: free numbers, by the values that were typed so far."""
    provider = provider_asked(request)
    if provider.market is None:
        raise NotFound
    values = {field.name: request.POST.get(field.name, "") for field in provider.fields}
    missing = _missing(provider, values)
    if missing:
        context = {"offers_error": _("Fill in above first: %(fields)s.") % {"fields": missing}}
    else:
        context = _offers(request.POST, provider, values)
    return render(request, "connections/_offers.html", context)


@require_safe
@requires("connections.manage")
def index(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """The account's numbers, and free ones that may be bought."""
    connection = _with_market(id)
    provider = provider_of(connection)
    context: dict[str, Any] = {"connection": connection, "channel": provider.channel}
    if "country" in request.GET:
        values = numbers.values_of(connection)
        context |= _offers(request.GET, provider, values)
        if request.htmx:  # type: ignore[attr-defined]
            return render(request, "connections/_offers.html", context)
    try:
        context["lines"] = numbers.owned(connection)
    except DomainError as error:
        context |= {"lines": [], "error": words_of(error)}
    assert provider.market is not None  # noqa: S101 -- asked by _with_market
    context["search"] = NumberSearchForm(request.GET or None, market=provider.market)
    return render(request, "connections/numbers.html", context)


@require_POST
@requires("connections.manage")
def buy(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Buy a number and connect it."""
    connection = _with_market(id)
    try:
        made = numbers.buy(
            provider=connection.provider,
            values=numbers.values_of(connection),
            number=request.POST.get("number", ""),
            actor=actor_of(request),
        )
    except DomainError as error:
        return _back(request, connection, error)
    return redirect("connection-connected", made.pk)


@require_POST
@requires("connections.manage")
def assign(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Connect a number that the account has."""
    connection = _with_market(id)
    number = request.POST.get("number", "")
    try:
        made = numbers.assign(connection, number=number, actor=actor_of(request))
    except DomainError as error:
        return _back(request, connection, error)
    return redirect("connection-connected", made.pk)


@require_POST
@requires("connections.manage")
def give_back(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Give a number back to the provider, for good."""
    connection = _with_market(id)
    number = request.POST.get("number", "")
    try:
        numbers.give_back(connection, number=number, actor=actor_of(request))
    except DomainError as error:
        return _back(request, connection, error)
    messages.success(request, _("%(number)s was given back.") % {"number": phone(number)})
    if number == connection.external_id:
        return redirect("connections")
    return redirect("connection-numbers", id)


def words_of(error: DomainError) -> str:
    """The first sentence of a refusal."""
    if isinstance(error, Invalid):
        found = next(iter(error.errors.values()), None)
        if found:
            return str(found[0].message)
    return error.text


def _missing(provider: Provider, values: dict[str, str]) -> str:
    """What signs us in and is not typed yet, by the names on the page."""
    asked = [field for field in provider.fields if field.name != NUMBER_ID]
    return ", ".join(str(field.label) for field in asked if not values[field.name].strip())


def _offers(data: Any, provider: Any, values: dict[str, str]) -> dict[str, Any]:
    form = NumberSearchForm(data, market=provider.market)
    context: dict[str, Any] = {"offers": [], "is_wizard": "csrfmiddlewaretoken" in data}
    if not form.is_valid():
        return {**context, "offers_error": _("Choose a country, and digits alone.")}
    asked = form.cleaned_data
    digits = asked["contains"].replace(" ", "")
    try:
        context["offers"] = numbers.search(
            provider=provider.slug, values=values, country=asked["country"], contains=digits
        )
    except DomainError as error:
        context["offers_error"] = words_of(error)
    return context


def _with_market(connection_id: UUID) -> Connection:
    connection = get_object_or_404(Connection, pk=connection_id, deleted_at=None)
    if provider_of(connection).market is None:
        raise NotFound
    return connection


def _back(request: HttpRequest, connection: Connection, error: DomainError) -> HttpResponse:
    messages.error(request, words_of(error))
    return redirect("connection-numbers", connection.pk)
