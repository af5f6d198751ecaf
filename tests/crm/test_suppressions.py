"""The suppression list: no address in it, one line for each, and who may end what."""

import pytest

from core.errors import Conflict, Invalid
from crm.masking import mask
from crm.models import Suppression
from crm.selectors import suppressed
from crm.services import suppressions
from events.models import Event

pytestmark = pytest.mark.usefixtures("company")
NUMBER = "+5511987654321"


def added(address: str = NUMBER, **fields: str) -> Suppression:
    line, _ = suppressions.add_suppression(address=address, **{"channel": "whatsapp", **fields})
    return line


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (NUMBER, "+55 (11) •••••-4321"),
        ("551187654321", "+55 (11) •••••-4321"),
        ("+551132654321", "+55 (11) •••••-4321"),
        ("+351912345678", "+351 •••••5678"),
        ("BR.1502576394655843", "•••••5843"),
        ("x", "•••••"),
    ],
)
def test_a_mask_shows_enough_to_recognise(address: str, shown: str) -> None:
    assert mask(address) == shown


def test_a_number_is_added_in_any_spelling_once() -> None:
    line = added("(11) 98765-4321", note="Procon-SP")
    assert (line.masked, line.reason, line.note) == ("+55 (11) •••••-4321", "manual", "Procon-SP")
    again, is_new = suppressions.add_suppression(address="551187654321", channel="whatsapp")
    assert (again, is_new) == (line, False)
    assert list(Event.objects.filter(type="suppression.added").values_list("data__masked")) == [
        ("+55 (11) •••••-4321",)
    ]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"address": "1198765"}, "address"),
        ({"channel": "fax"}, "channel"),
        ({"purpose": "fun"}, "purpose"),
        ({"note": "x" * 121}, "note"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(fields: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        added(**fields)
    assert list(caught.value.errors) == [field]


def test_what_people_put_there_they_take_away_with_a_reason() -> None:
    line = added()
    with pytest.raises(Invalid):
        suppressions.remove_suppression(suppression=line, why=" ")
    suppressions.remove_suppression(suppression=line, why="A mistake", actor="person:1")
    assert suppressed([NUMBER], "whatsapp", "marketing") == set()
    event = Event.objects.get(type="suppression.removed")
    assert (event.actor, event.data["why"]) == ("person:1", "A mistake")


@pytest.mark.parametrize("reason", ["opt_out", "provider", "erased"])
def test_what_others_put_there_stays(reason: str) -> None:
    suppressions.suppress(address=NUMBER, channel="whatsapp", reason=reason)
    with pytest.raises(Conflict) as caught:
        suppressions.remove_suppression(suppression=Suppression.objects.get(), why="We want to")
    assert caught.value.code == "suppression_stays"


def test_a_stronger_reason_takes_the_place_of_one_that_an_opt_in_would_lift() -> None:
    for reason, held in (("manual", "manual"), ("list", "list"), ("manual", "list")):
        suppressions.suppress(address=NUMBER, channel="whatsapp", reason=reason)
        assert Suppression.objects.get().reason == held


@pytest.mark.parametrize("stronger", ["provider", "erased"])
def test_a_block_that_stays_takes_the_place_of_an_opt_out(stronger: str) -> None:
    for reason in ("opt_out", stronger):
        suppressions.suppress(address=NUMBER, channel="whatsapp", reason=reason)
    assert Suppression.objects.get().reason == stronger


def test_a_list_that_people_may_take_down_does_not_hide_a_persons_own_word() -> None:
    suppressions.suppress(address=NUMBER, channel="whatsapp", reason="opt_out")
    suppressions.add_many(addresses=[NUMBER], channel="whatsapp", note="Procon-SP")
    with pytest.raises(Conflict):
        suppressions.remove_suppression(suppression=Suppression.objects.get(), why="a mistake")


def test_many_are_counted_as_new_and_known() -> None:
    added()
    numbers = [NUMBER, "551187654321", "+5511987650001", "+5511987650002"]
    assert len(suppressions.suppress_all(addresses=numbers, channel="whatsapp")) == 2
    assert Suppression.objects.count() == 3
