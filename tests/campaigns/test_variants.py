"""The split is stable, even, and each question of its own."""

from collections import Counter
from typing import Any
from uuid import UUID

from campaigns.models import Campaign
from campaigns.variants import Split, Variant, draw, pick_connection
from core.ids import uuid7

PEOPLE = [UUID(int=number) for number in range(4_000)]
A, B = Variant("A", uuid7(), weight=25), Variant("B", uuid7(), weight=75)


def split(**fields: Any) -> Split:
    return Split(Campaign(pk=UUID(int=7), **fields), [A, B])


def share(count: int) -> float:
    return round(count / len(PEOPLE), 2)


def test_the_same_person_is_always_drawn_the_same() -> None:
    one, other = split(holdout_percent=10), split(holdout_percent=10)
    assert [one.variant_of(pk).key for pk in PEOPLE] == [other.variant_of(pk).key for pk in PEOPLE]
    assert draw("x", PEOPLE[1], PEOPLE[2]) != draw("y", PEOPLE[1], PEOPLE[2])


def test_variants_share_people_by_weight() -> None:
    counted = Counter(split().variant_of(pk).key for pk in PEOPLE)
    assert abs(share(counted["A"]) - 0.25) < 0.03


def test_the_holdout_is_as_large_as_wished_and_cuts_through_the_variants() -> None:
    parts = split(holdout_percent=20)
    held = [pk for pk in PEOPLE if parts.is_held_out(pk)]
    assert abs(share(len(held)) - 0.20) < 0.03
    counted = Counter(parts.variant_of(pk).key for pk in held)
    assert abs(counted["A"] / len(held) - 0.25) < 0.06


def test_without_a_rule_nobody_waits() -> None:
    assert not any(split().waits(pk) for pk in PEOPLE)


def test_the_rest_waits_until_there_is_a_winner_and_then_gets_it() -> None:
    rule = {"metric": "read", "sample_percent": 30, "after_minutes": 10}
    waiting = split(winner_rule=rule)
    assert abs(share(sum(waiting.waits(pk) for pk in PEOPLE)) - 0.70) < 0.03
    decided = split(winner_rule=rule, winner="B")
    assert not any(decided.waits(pk) for pk in PEOPLE)
    assert {decided.variant_of(pk).key for pk in PEOPLE} == {"B"}


def test_numbers_share_people_evenly() -> None:
    numbers = [UUID(int=1), UUID(int=2), UUID(int=3)]
    counted = Counter(pick_connection(UUID(int=7), pk, numbers) for pk in PEOPLE)
    assert all(abs(share(counted[number]) - 1 / 3) < 0.03 for number in numbers)
    assert pick_connection(UUID(int=7), PEOPLE[0], numbers[:1]) == numbers[0]
