"""Numbers: the list with their health, the wizard, one number and what can be done with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connections import history, registry, sandbox
from connections.forms import ConnectForm, ConnectionForm, CredentialsForm, NumberSearchForm
from connections.health import Health, health_of
from connections.models import Connection
from connections.providers.base import Provider
from connections.selectors import alive, callback_url, provider_of
from connections.services import connections, numbers, states
from core.errors import DomainError
from core.forms import show_error
from tenants.access import actor_of, requires

WHATSAPP = "whatsapp"


@require_safe
@requires("connections.view")
def index(request: HttpRequest) -> HttpResponse:
    """The company's numbers and how each is doing."""
    context = {"rows": [health_of(connection) for connection in alive()]}
    return render(request, "connections/list.html", context)


@require_safe
@requires("connections.manage")
def guide(request: HttpRequest) -> HttpResponse:
    """Step 1: where the values are found, by channel."""
    channel = provider_asked(request).channel
    context = {"steps": _steps(channel), "sandbox": sandbox.is_offered(), "channel": channel}
    return render(request, "connections/guide.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("connections.manage")
def new(request: HttpRequest) -> HttpResponse:
    """Step 2: the values; they are checked with the provider before anything is saved.

    `buy` names a number to be bought first.
    """
    provider = provider_asked(request)
    if request.method != "POST":
        initial = sandbox.demo_values(provider.channel) if "sandbox" in request.GET else {}
        if "sandbox" in request.GET and not initial:
            messages.error(request, _("The sandbox has no free number, or it does not answer."))
        return _values_page(request, ConnectForm(provider=provider, initial=initial), provider)
    wanted = request.POST.get("buy", "")
    form = ConnectForm(request.POST, provider=provider, has_number=not wanted)
    if form.is_valid():
        try:
            connection = _connected(request, form, provider, wanted)
        except DomainError as error:
            show_error(form, error)
        else:
            return redirect("connection-connected", connection.pk)
    return _values_page(request, form, provider)


@require_safe
@requires("connections.manage")
def connected(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """Step 3: the number's card, and what to paste at the provider when it could not do it."""
    connection = _connection(id)
    context = {**_shown(connection), "steps": _steps(provider_of(connection).channel)}
    return render(request, "connections/connected.html", context)


@require_safe
@requires("connections.view")
def show(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """One number: its health, its callbacks, its settings."""
    connection = _connection(id)
    context = {**_shown(connection), "form": ConnectionForm(instance=connection)}
    return render(request, "connections/show.html", context)


@require_POST
@requires("connections.manage")
def edit(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Rename it, or set how fast it sends."""
    connection = _connection(id)
    form = ConnectionForm(request.POST, instance=_connection(id))
    if form.is_valid():
        connections.update(
            connection,
            name=form.cleaned_data["name"],
            rate=form.cleaned_data["rate_per_second"] or 0,
        )
        messages.success(request, _("Saved."))
        return redirect("connection", id)
    context = {**_shown(connection), "form": form}
    return render(request, "connections/show.html", context, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("connections.manage")
def credentials(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Replace secrets; what is stored is never shown."""
    connection = _connection(id)
    typed = request.POST if request.method == "POST" else None
    form = CredentialsForm(typed, provider=provider_of(connection))
    if form.is_valid():
        try:
            connections.renew_credentials(
                connection, values=form.cleaned_data, actor=actor_of(request)
            )
        except DomainError as error:
            show_error(form, error)
        else:
            messages.success(request, _("Checked and saved."))
            return redirect("connection", id)
    context = {**_shown(connection), "form": form}
    status = 422 if form.errors else 200
    return render(request, "connections/credentials.html", context, status=status)


@require_POST
@requires("connections.manage")
def check(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Ask the provider now."""
    connection = connections.check(_connection(id))
    if health_of(connection).needs_attention:
        messages.error(request, _("The provider refuses this number. See what to do below."))
    else:
        messages.success(request, _("Checked: the number is fine."))
    return redirect("connection", id)


@require_POST
@requires("connections.manage")
def callbacks(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Ask the provider once more to send its callbacks here."""
    if connections.receive_callbacks(_connection(id)):
        messages.success(request, _("The provider now sends messages here."))
    else:
        messages.error(request, _("The provider could not reach our address."))
    return redirect("connection", id)


@require_POST
@requires("connections.manage")
def pause(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Hold everything that would leave through this number."""
    states.pause(_connection(id), actor=actor_of(request))
    messages.success(request, _("Paused: nothing is sent through this number."))
    return redirect("connection", id)


@require_POST
@requires("connections.manage")
def resume(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Let it send again."""
    states.resume(_connection(id), actor=actor_of(request))
    messages.success(request, _("Resumed."))
    return redirect("connection", id)


@require_POST
@requires("connections.manage")
def release(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Let the number go."""
    connection = _connection(id)
    connections.release(connection, actor=actor_of(request))
    messages.success(request, _("%(name)s is released.") % {"name": connection.name})
    return redirect("connections")


def provider_asked(request: HttpRequest) -> Provider:
    """The usual provider of the channel in the address; of WhatsApp without one."""
    found = registry.of_channel(request.GET.get("channel") or WHATSAPP)
    if not found:
        raise Http404
    return found[0]


def _connection(connection_id: UUID) -> Connection:
    return get_object_or_404(Connection, pk=connection_id, deleted_at=None)


def _connected(
    request: HttpRequest, form: ConnectForm, provider: Provider, wanted: str
) -> Connection:
    about = {
        "provider": provider.slug,
        "name": form.cleaned_data["name"],
        "actor": actor_of(request),
    }
    if wanted:
        return numbers.buy(number=wanted, values=form.values(), **about)
    return connections.connect(values=form.values(), **about)


def _values_page(request: HttpRequest, form: ConnectForm, provider: Provider) -> HttpResponse:
    market = provider.market
    context = {
        "form": form,
        "steps": _steps(provider.channel),
        "sandbox": sandbox.is_offered(),
        "channel": provider.channel,
        "search": NumberSearchForm(market=market) if market else None,
    }
    return render(request, "connections/new.html", context, status=422 if form.errors else 200)


def _shown(connection: Connection) -> dict[str, Any]:
    health: Health = health_of(connection)
    return {
        "health": health,
        "connection": connection,
        "is_about_token": connections.is_about_token(connection),
        "history": {"days": history.days(connection.pk), "changes": history.changes(connection)},
        "callback_url": callback_url(connection),
        "verify_token": connection.credentials.get("verify_token", ""),
        "has_market": provider_of(connection).market is not None,
    }


def _steps(channel: str) -> list[dict[str, str]]:
    query = f"?channel={channel}"
    return [
        {"label": _("Find the values"), "url": reverse("connection-new") + query},
        {"label": _("Fill them in"), "url": reverse("connection-values") + query},
        {"label": _("Connected"), "url": ""},
    ]
