"""Kommo's stand-in, asked over real HTTP, without our own slowness."""

from collections.abc import Callable
from typing import Any

import pytest

from integrations.models import Integration
from integrations.services import connecting, pushing, syncing
from sandbox.testing import Handle
from tenants.models import Company

TOKEN = "sandbox-kommo-token"
SUBDOMAIN = "lojaaurora"
SLUG = "kommo"


class Stand:
    """The account in the stand-in."""

    def __init__(self, sandbox: Handle) -> None:
        self.http = sandbox.http

    def steer(self, **what: Any) -> dict[str, Any]:
        """Change the account, or the stand-in as a whole."""
        answer = self.http.post("/_sandbox/kommo", json={"subdomain": SUBDOMAIN, **what})
        answer.raise_for_status()
        return dict(answer.json())

    def fault(self, do: str, **rule: Any) -> None:
        """Have a fault strike."""
        rules = [{"do": do, **rule}]
        self.http.post(
            "/_sandbox/faults", json={"provider": "kommo", "rules": rules}
        ).raise_for_status()

    def account(self) -> dict[str, Any]:
        """What it holds now."""
        return dict(self.http.get("/_sandbox/kommo").json()["results"][0])

    def kinds(self) -> list[str]:
        """What was done there, in order."""
        rows = self.http.get("/_sandbox/ledger").json()["results"]
        return [row["kind"] for row in rows if row["provider"] == "kommo"]


@pytest.fixture
def stand(sandbox: Handle, settings: Any) -> Stand:
    """An account without a limit on either side."""
    settings.KOMMO_RATE_PER_SECOND = 10_000
    found = Stand(sandbox)
    found.steer(rate=0)
    return found


@pytest.fixture
def integration(company: Company, stand: Stand) -> Integration:
    """Connected with a long-lived token; nothing was read yet and nothing is read by itself."""
    row = connecting.connect_by_key(slug=SLUG, values={"subdomain": SUBDOMAIN, "token": TOKEN})
    Integration.objects.update(next_sync_at=None)
    row.refresh_from_db()
    return row


@pytest.fixture
def consented(integration: Integration, stand: Stand) -> Callable[..., Integration]:
    """The same account with a key that ends and is renewed, as the way over its page gives it."""

    def connect(**steering: Any) -> Integration:
        stand.steer(**steering)
        params = {"code": a_code(stand), "referer": f"{SUBDOMAIN}.kommo.com"}
        row = connecting.connect_by_consent(slug=SLUG, params=params)
        Integration.objects.update(next_sync_at=None)
        row.refresh_from_db()
        return row

    return connect


def a_code(stand: Stand) -> str:
    """Somebody says yes on Kommo's page."""
    form = {"account": SUBDOMAIN, "answer": "allow", "state": "s"}
    answer = stand.http.post("/kommo/oauth", data=form, follow_redirects=False)
    return str(answer.next_request.url.params["code"]) if answer.next_request else ""


def push_all(integration: Integration) -> None:
    """What a worker does when it is hinted."""
    pushing.run(str(integration.pk))


def sync_all(integration: Integration) -> None:
    """The same for the reading."""
    syncing.run(str(integration.pk))
