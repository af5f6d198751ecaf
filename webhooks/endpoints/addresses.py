"""Which addresses may be sent to, checked when they are written down and again at each attempt."""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from core.http import BlockedAddress, check_url
from core.http.guard import is_listed, is_public, port_of

NOT_SECURE = _("The address must start with https://.")
NOT_SECURE_HERE = _(
    "The address must start with https://. To try one of this computer or network, whoever runs "
    "the installation allows it first (OUTBOUND_ALLOWED_PRIVATE, see docs/operations.md)."
)
NOT_PUBLIC = _(
    "This address is not allowed. It must be on the public internet, without a password in it."
)


def check(url: str) -> None:
    """Accept what somebody entered as an address.

    Raises:
        core.errors.Invalid: under `url`.
    """
    if not is_secure(url):
        raise Invalid({"url": NOT_SECURE_HERE if _is_near(url) else NOT_SECURE})
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


def _is_near(url: str) -> bool:
    """Whether it names this machine or its network, as somebody who tries things out does."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    if host == "localhost" or "." not in host:
        return True
    try:
        return not is_public(host)
    except ValueError:  # a name
        return False


def shown(url: str) -> str:
    """The host alone: paths and queries of others' systems hold their tokens."""
    return urlsplit(url).hostname or url


def origin(url: str) -> str:
    """Scheme and host: what is left of an address that nobody sends to any more."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
