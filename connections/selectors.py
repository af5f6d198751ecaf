"""Reads of connections, shaped for those who use them."""

from __future__ import annotations

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from connections.enums import ConnectionState
from connections.models import Connection
from connections.providers.base import TOKEN_EXPIRED, Credentials, Explanation, Provider
from connections.registry import of_channel, provider
from tenants.links import platform_url

_NEUTRAL: dict[str, Explanation] = {
    "not_connected": Explanation(
        _("The provider could not be reached."), _("We try again by ourselves.")
    ),
    TOKEN_EXPIRED: Explanation(
        _("The access token has reached its end."),
        _("Create a new token and save it in the connection; then resume the campaigns."),
    ),
    "refused": Explanation(
        _("Something between us and the provider refused the request."),
        _("We try again by ourselves."),
    ),
}
_NO_ANSWER = Explanation(
    _("The provider did not give a readable answer."), _("Try again in a minute.")
)


def provider_of(connection: Connection) -> Provider:
    """The provider that speaks for this connection."""
    return provider(connection.provider)


def rate_of(connection: Connection) -> float:
    """Messages a second that may leave through this number, as far as we know."""
    known = connection.rate_per_second
    usual = provider_of(connection).capabilities.default_rate_per_second
    return float(known) if known else min(settings.SEND_RATE_PER_SECOND, usual)


def tells_read(connection: Connection) -> bool:
    """Whether its provider says that a message was read."""
    return provider_of(connection).capabilities.read_receipts


def credentials_of(connection: Connection) -> Credentials:
    """What the provider needs to act in its name; a plain value that may leave the ORM's side."""
    return Credentials(
        number_id=connection.external_id,
        account_id=connection.account_id,
        secrets=dict(connection.credentials),
        callback_url=callback_url(connection),
    )


def alive() -> QuerySet[Connection]:
    """The company's numbers, oldest first, without their secrets."""
    return Connection.objects.filter(deleted_at=None).defer("credentials").order_by("created_at")


def number_for(channel: str) -> Connection | None:
    """The number through which a channel is used when nobody names one: the first that may send,
    else the first there is; None when the company has none. The channel's case does not matter."""
    speakers = [one.slug for one in of_channel(channel)]
    numbers = list(alive().filter(provider__in=speakers))
    ready = [one for one in numbers if one.state == ConnectionState.ACTIVE]
    return next(iter(ready or numbers), None)


def has_connection() -> bool:
    """Whether the company has connected a number."""
    return Connection.objects.filter(deleted_at=None).exists()


def callback_url(connection: Connection) -> str:
    """The address to which the provider sends what happens at this number."""
    return platform_url(provider_of(connection).callback_route, connection.webhook_token)


def explain(slug: str, code: str) -> Explanation:
    """What a code means for people and what to do, whether the provider's or the port's own."""
    return provider(slug).explain(code) or _NEUTRAL.get(code, _NO_ANSWER)
