"""Grapfy's past events: their people are taken over, and nothing that happened starts anything."""

from typing import Any

import pytest

from core.errors import Invalid
from crm.models import Contact
from events.models import Event
from integrations.enums import IntegrationState, SyncState
from integrations.models import Integration, SyncRun
from integrations.providers.base import Access
from integrations.providers.grapfy import provider as grapfy
from integrations.services import connecting, syncing
from sandbox.testing import Handle
from tenants.models import Company
from tests.integrations.conftest import sync_all

TOKEN = "sandbox-grapfy-token"


def a_sale(number: int) -> dict[str, Any]:
    return {
        "eventType": "order.paid",
        "createdAt": f"2026-01-{number + 1:02}T10:00:00Z",
        "created_at": f"2026-01-{number + 1:02}T10:00:00+00:00",
        "orderId": f"o{number}",
        "customer": {
            "name": f"Pessoa {number}",
            "email": f"p{number}@example.com",
            "phone": f"119{80000000 + number}",
        },
    }


def connect(sandbox: Handle, **values: str) -> Integration:
    given = {
        "url": f"{sandbox.url}/grapfy/v1/events",
        "token": TOKEN,
        "items": "data",
        "cursor": "next_cursor",
        **values,
    }
    return connecting.connect_by_key(slug="grapfy", values=given)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grapfy, "PAGE", 2)
    monkeypatch.setattr(grapfy.Grapfy, "rate_per_second", 10_000.0)


def test_everybody_of_every_page_comes_over_and_the_next_reading_goes_on(
    company: Company, sandbox: Handle, small_pages: None
) -> None:
    events = [a_sale(number) for number in range(5)]
    sandbox.http.post("/_sandbox/grapfy", json={"events": events})
    row = connect(sandbox)
    sync_all(row)
    run = SyncRun.objects.get()
    assert (run.state, run.pages, run.created) == (SyncState.DONE, 3, 5)
    assert set(Contact.objects.values_list("name", flat=True)) == {
        f"Pessoa {number}" for number in range(5)
    }
    assert not Event.objects.filter(type__startswith="purchase.").exists()
    sandbox.http.post("/_sandbox/grapfy", json={"events": [a_sale(5)]})
    row.refresh_from_db()
    again = syncing.start(integration=row)
    sync_all(row)
    again.refresh_from_db()
    assert (again.created, again.read) == (1, 2)


@pytest.mark.parametrize(
    ("values", "field"),
    [({"url": "http://10.0.0.1/x"}, "url"), ({"url": "ftp://x"}, "url"), ({"token": "x"}, "token")],
)
def test_what_does_not_hold_is_named(
    company: Company, sandbox: Handle, values: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        connect(sandbox, **values)
    assert list(refused.value.errors) == [field]


def test_another_shape_and_a_void_token_end_the_reading(
    company: Company, sandbox: Handle, small_pages: None
) -> None:
    row = connect(sandbox, items="eventos")
    sync_all(row)
    assert [run.state for run in SyncRun.objects.all()] == [SyncState.FAILED]
    sandbox.http.post("/_sandbox/grapfy", json={"token": "another"})
    row.refresh_from_db()
    syncing.start(integration=row)
    sync_all(row)
    row.refresh_from_db()
    assert row.state == IntegrationState.STOPPED


def test_a_cursor_that_leads_nowhere_ends_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    page = {"data": [a_sale(1)], "next_cursor": "c1"}
    monkeypatch.setattr(grapfy, "_ask", lambda access, params: page)
    access = Access(config={"items": "data", "cursor": "next_cursor"}, token="t")
    first = grapfy.Grapfy().page(access, {})
    assert first.after is not None
    assert grapfy.Grapfy().page(access, first.after).after is None
