"""The page of received items: for administrators, with the raw item and a second try."""

from collections.abc import Callable

import pytest
from django.test import Client

from connections.models import Connection
from core import scope
from tenants.enums import Role
from tenants.models import Company
from webhooks.enums import ItemState
from webhooks.models import Item

Browser = Callable[..., Client]


def an_item(connection: Connection, **fields: object) -> Item:
    defaults = {
        "envelope_id": connection.pk,
        "position": Item.objects.count(),
        "connection": connection,
        "provider": connection.provider,
        "kind": "unknown",
        "key": "flows",
        "data": {"topic": "flows", "raw": {"canary": "<b>raw</b>"}},
        "state": ItemState.IGNORED,
    }
    return Item.objects.create(**{**defaults, **fields})


def test_the_list_shows_each_item_with_its_state(
    connection: Connection, company: Company, client_for: Browser
) -> None:
    an_item(connection)
    answer = client_for(company, Role.ADMIN).get(f"{company.path_prefix}webhooks/received/")

    assert answer.status_code == 200
    assert "flows" in answer.text


def test_an_empty_list_says_what_will_stand_there(company: Company, client_for: Browser) -> None:
    answer = client_for(company, Role.ADMIN).get(f"{company.path_prefix}webhooks/received/")
    assert 'class="empty' in answer.text


def test_a_hundred_items_come_in_pages_at_a_fixed_price(
    connection: Connection,
    company: Company,
    client_for: Browser,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    for _ in range(60):
        an_item(connection)
    client = client_for(company, Role.ADMIN)
    with django_assert_max_num_queries(15):
        first = client.get(f"{company.path_prefix}webhooks/received/")
    assert len(first.context["page"].items) == 50
    cursor = first.context["page"].next_cursor
    rest = client.get(f"{company.path_prefix}webhooks/received/", {"cursor": cursor})
    assert len(rest.context["page"].items) == 10


def test_an_item_shows_what_the_provider_said_as_text(
    connection: Connection, company: Company, client_for: Browser
) -> None:
    item = an_item(connection)
    answer = client_for(company, Role.ADMIN).get(
        f"{company.path_prefix}webhooks/received/{item.pk}/"
    )
    assert "&lt;b&gt;raw&lt;/b&gt;" in answer.text


def test_an_item_is_processed_again_on_demand(
    connection: Connection, company: Company, client_for: Browser
) -> None:
    item = an_item(connection, state=ItemState.DEAD, attempts=5)
    client = client_for(company, Role.ADMIN)
    answer = client.post(f"{company.path_prefix}webhooks/received/{item.pk}/process/")

    assert answer.status_code == 302
    with scope.opened(company):
        item.refresh_from_db()
    assert (item.state, item.attempts, item.replayed) == (ItemState.RECEIVED, 0, 1)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AGENT, Role.VIEWER])
def test_others_may_not_look(
    connection: Connection, company: Company, client_for: Browser, role: str
) -> None:
    item = an_item(connection)
    client = client_for(company, role)
    for path in ("webhooks/received/", f"webhooks/received/{item.pk}/"):
        assert client.get(f"{company.path_prefix}{path}").status_code == 403
