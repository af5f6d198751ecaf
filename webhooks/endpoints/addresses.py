"""Which addresses may be sent to, checked when they are written down and again at each attempt."""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from core.http import BlockedAddress, check_url
from core.http.guard import is_listed, port_of

NOT_SECURE = _("The address must start with https://.")
NOT_PUBLIC = _(
    "This address is not allowed. It must be on the public internet, without a password in it."
)


def check(url: str) -> None:
    """Accept what somebody entered as an address.

    Raises:
        core.errors.Invalid: under `url`.
    """
    if not is_secure(url):
        raise Invalid({"url": NOT_SECURE})
    try:
        check_url(url)
    except BlockedAddress:
        raise Invalid({"url": NOT_PUBLIC}) from None


def is_secure(url: str) -> bool:
    """Whether it is https, or one of those that the operator allows by name."""
    try:
        parts = urlsplit(url)
        if parts.scheme == "https" or settings.DEBUG:
            return True
        return parts.scheme == "http" and is_listed(parts.hostname or "", port_of(parts))
    except ValueError:
        return False


def shown(url: str) -> str:
    """The host alone: paths and queries of others' systems hold their tokens."""
    return urlsplit(url).hostname or url


def origin(url: str) -> str:
    """Scheme and host: what is left of an address that nobody sends to any more."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
