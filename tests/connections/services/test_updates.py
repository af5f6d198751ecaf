"""What the provider tells by itself reaches the number it speaks of, and no other."""

import pytest

from connections.models import Connection
from connections.providers.base import NumberUpdate
from connections.services.updates import apply_update
from events.models import Event
from sandbox.accounts import DEMO_WABA
from tenants.models import Company
from tests.connections.factories import PROVIDER, a_connection

pytestmark = pytest.mark.django_db


def fresh(connection: Connection) -> Connection:
    return Connection.objects.get(pk=connection.pk)


def test_by_the_number_itself(company: Company) -> None:
    mine = a_connection(display_number="+55 11 4000-1000")
    sibling = a_connection(display_number="+55 11 4000-2000")
    update = NumberUpdate(DEMO_WABA, display_number="551140001000", quality="RED", tier="TIER_1K")
    assert apply_update(PROVIDER, update) == 1
    assert (fresh(mine).quality, fresh(mine).tier) == ("RED", "TIER_1K")
    assert fresh(sibling).quality == "UNKNOWN"
    assert Event.objects.get().data["changed"] == ["quality", "tier"]


def test_by_its_id(company: Company) -> None:
    mine = a_connection(external_id="123")
    apply_update(PROVIDER, NumberUpdate(DEMO_WABA, number_id="123", verified_name="Aurora"))
    assert fresh(mine).verified_name == "Aurora"


def test_a_ban_of_the_account_stops_all_its_numbers(company: Company) -> None:
    mine, sibling = a_connection(), a_connection()
    stranger = a_connection(account_id="other")
    assert apply_update(PROVIDER, NumberUpdate(DEMO_WABA, stopped="131031", detail="ban")) == 2
    assert [fresh(one).state for one in (mine, sibling, stranger)] == [
        "stopped",
        "stopped",
        "active",
    ]
    apply_update(PROVIDER, NumberUpdate(DEMO_WABA, stopped=""))
    assert fresh(mine).state == "active"


def test_what_says_nothing_new_is_no_news(company: Company) -> None:
    a_connection(quality="GREEN")
    apply_update(PROVIDER, NumberUpdate(DEMO_WABA, quality="GREEN"))
    apply_update(PROVIDER, NumberUpdate(DEMO_WABA, quality="PURPLE"))
    assert not Event.objects.exists()
