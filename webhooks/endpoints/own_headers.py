"""Headers that a company adds to its deliveries: what they may be called and say."""

import re
from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from core.errors import FieldError, Invalid

MOST = 20
LONGEST_NAME = 100
LONGEST_VALUE = 2_000
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110: token
_VALUE = re.compile(r"[\x20-\x7e]*")
# What says how the request is read, or proves where it came from.
RESERVED = frozenset({
    "host", "content-length", "content-type", "content-encoding", "transfer-encoding", "te",
    "trailer", "connection", "keep-alive", "proxy-connection", "upgrade", "expect", "user-agent",
    "accept", "accept-encoding", "x-signature-256", "cookie", "date", "via", "forwarded",
    "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip",
})  # fmt: skip
RESERVED_PREFIXES = ("webhook-", "svix-", "proxy-", "sec-")


def clean(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers as they are kept and sent.

    Raises:
        core.errors.Invalid: under `headers`, a sentence for each that is refused.
    """
    errors = [error for name, value in headers.items() if (error := _refused(name, value))]
    if len({name.lower() for name in headers}) < len(headers):
        errors.append(FieldError("twice", _("A header is there twice.")))
    if len(headers) > MOST:
        errors.append(FieldError("too_many", _("At most 20 headers, please.")))
    if errors:
        raise Invalid({"headers": errors})
    return {name: value.strip() for name, value in headers.items()}


def _refused(name: str, value: str) -> FieldError | None:
    shown = re.sub(r"[^\x20-\x7e]", "?", str(name))[:LONGEST_NAME]
    if not isinstance(value, str) or not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        return FieldError("name", _("“%(name)s” is no name of a header.") % {"name": shown})
    if name.lower() in RESERVED or name.lower().startswith(RESERVED_PREFIXES):
        return FieldError(
            "reserved", _("The header “%(name)s” is ours to write.") % {"name": shown}
        )
    if not _VALUE.fullmatch(value) or len(value) > LONGEST_VALUE:
        return FieldError(
            "value",
            _("The value of “%(name)s” must be one line of plain characters.") % {"name": shown},
        )
    return None
