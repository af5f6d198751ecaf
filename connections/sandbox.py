"""Values of the stand-in's demo account, so that the product can be tried without one of Meta's.

Only where settings name a sandbox; the values come from it, none is written here.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings

from connections.models import Connection
from core import http

_SECONDS = 3.0


def is_offered() -> bool:
    """Whether this installation has a sandbox."""
    return bool(settings.SANDBOX_URL)


def demo_values() -> dict[str, str]:
    """What the wizard's fields take for a number of the sandbox that is still free here.

    Empty when there is no sandbox or it does not answer.
    """
    if not is_offered():
        return {}
    try:
        answer = http.request("GET", f"{settings.SANDBOX_URL}/_sandbox/accounts", total=_SECONDS)
        accounts = answer.json() if answer.ok else {}
    except (http.OutboundError, ValueError):
        return {}
    taken = set(Connection.objects.filter(deleted_at=None).values_list("external_id", flat=True))
    return next(
        (
            _values(account, number)
            for account in accounts.get("results", [])
            for number in account.get("numbers", [])
            if number["id"] not in taken
        ),
        {},
    )


def _values(account: dict[str, Any], number: dict[str, Any]) -> dict[str, str]:
    return {
        "name": str(number.get("verified_name", "")),
        "number_id": str(number["id"]),
        "account_id": str(account["waba_id"]),
        "token": next(iter(account.get("tokens", {})), ""),
        "app_secret": str(account.get("app_secret", "")),
    }
