"""Values of the stand-in's demo account, so that the product can be tried without one of Meta's.

Only where settings name a sandbox; the values come from it, none is written here.
"""

from __future__ import annotations

from django.conf import settings

from connections.models import Connection
from core import http

_SECONDS = 3.0


def is_offered() -> bool:
    """Whether this installation has a sandbox."""
    return bool(settings.SANDBOX_URL)


def demo_values(channel: str) -> dict[str, str]:
    """What the wizard's fields take for a number of the sandbox that is still free here.

    Empty when there is no sandbox or it does not answer.
    """
    if not is_offered():
        return {}
    try:
        answer = http.request(
            "GET",
            f"{settings.SANDBOX_URL}/_sandbox/demo",
            params={"channel": channel},
            total=_SECONDS,
        )
        offered = answer.json()["results"] if answer.ok else []
    except (http.OutboundError, ValueError, KeyError):
        return {}
    taken = set(Connection.objects.filter(deleted_at=None).values_list("external_id", flat=True))
    return next((one for one in offered if one["number_id"] not in taken), {})
