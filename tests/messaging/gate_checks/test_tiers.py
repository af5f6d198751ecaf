"""The portfolio's limit: different people in a moving day, shared by its numbers and runs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connections.models import Connection
from crm.models import Contact
from messaging import gate
from messaging.gate import Ask, Candidate, Memory, Moment
from messaging.gate_checks import tiers
from messaging.models import Thread, TierUse
from tests.messaging import factories
from tests.messaging.gate_checks.conftest import Make, judge, judge_at_wire

Reach = Callable[..., list[Candidate]]

NOW = timezone.now()
ALLOW, LIMIT = ("allow", ""), ("delay", "tier_limit")


@pytest.fixture(autouse=True)
def small_tier(connection: Connection) -> None:
    Connection.objects.filter(pk=connection.pk).update(tier="TIER_2", portfolio_id="business")


@pytest.fixture
def to(make: Make, connection: Connection) -> Reach:
    """A candidate for each person, of a message that is stored."""

    def made(*people: Contact, **fields: Any) -> list[Candidate]:
        return [
            make(one, id=factories.an_outgoing(connection, one, kind="template").pk, **fields)
            for one in people
        ]

    return made


def test_the_tiers_words_are_read() -> None:
    tiers_of = ["TIER_250", "TIER_2K", "TIER_100K", "TIER_UNLIMITED", "TIER_NOT_SET", ""]
    assert [tiers.limit_of(one) for one in tiers_of] == [250, 2_000, 100_000, None, None, None]


def test_the_wave_takes_what_is_left_and_the_rest_waits_for_the_oldest_use_to_end(
    to: Reach,
) -> None:
    batch = to(*factories.contacts(4))
    oldest = TierUse.objects.create(
        portfolio_id="business", contact=factories.contacts(1)[0], at=NOW - timedelta(hours=20)
    )
    moment = Moment(NOW, effects=True, is_at_wire=True)
    verdicts = gate.judge_at(moment, batch, ask=Ask.VOLATILE)

    assert [one.code for one in verdicts] == ["", "tier_limit", "tier_limit", "tier_limit"]
    assert verdicts[1].until == oldest.at + timedelta(hours=24)
    assert tiers.used("business", NOW) == 2


def test_who_was_reached_today_costs_nothing_more(to: Reach) -> None:
    people, [third] = factories.contacts(2), factories.contacts(1)
    assert judge_at_wire(to(*people), NOW) == [ALLOW] * 2
    assert judge_at_wire(to(*people, third), NOW + timedelta(hours=23)) == [ALLOW, ALLOW, LIMIT]
    assert judge_at_wire(to(third), NOW + timedelta(hours=24)) == [ALLOW]


def test_numbers_of_a_portfolio_share_its_limit_and_others_do_not(to: Reach) -> None:
    second = factories.a_connection("2", tier="TIER_2", portfolio_id="business")
    stranger = factories.a_connection("3", tier="TIER_2")
    judge_at_wire(to(*factories.contacts(2)), NOW)
    [third] = factories.contacts(1)

    assert judge_at_wire(to(third, connection_id=second.pk), NOW) == [LIMIT]
    assert judge_at_wire(to(third, connection_id=stranger.pk), NOW) == [ALLOW]
    assert tiers.used(factories.ACCOUNT, NOW) == 1


def test_people_who_wrote_and_numbers_without_a_limit_cost_nothing(
    to: Reach, connection: Connection
) -> None:
    batch = to(*factories.contacts(3))
    Thread.objects.update(window_until=NOW + timedelta(hours=1))
    assert judge_at_wire(batch, NOW) == [ALLOW] * 3

    Connection.objects.update(tier="TIER_UNLIMITED")
    assert judge_at_wire(to(*factories.contacts(3)), NOW) == [ALLOW] * 3
    assert tiers.used("business", NOW) == 0


def test_a_refused_message_gives_its_use_back_and_no_other(to: Reach) -> None:
    people = factories.contacts(2)
    batch = to(*people)
    judge_at_wire(batch, NOW)
    [again] = to(people[1])
    judge_at_wire([again], NOW + timedelta(hours=1))

    tiers.release([batch[0].id, again.id])
    assert list(TierUse.objects.values_list("contact_id", flat=True)) == [people[1].pk]


def test_looking_takes_nothing_and_the_chunks_of_a_preflight_share_one_memory(
    to: Reach,
) -> None:
    chunks = [to(*factories.contacts(2)) for _ in range(2)]
    memory = Memory()
    found = [judge(chunk, NOW, effects=False, memory=memory) for chunk in chunks]

    assert found == [[ALLOW, ALLOW], [LIMIT, LIMIT]]
    assert not TierUse.objects.exists()


def test_with_plenty_left_a_slice_counts_once_and_still_takes_every_use(to: Reach) -> None:
    Connection.objects.update(tier="TIER_1K")
    memory = Memory()
    for _ in range(2):
        moment = Moment(NOW, effects=True, is_at_wire=True, memory=memory)
        gate.judge_at(moment, to(*factories.contacts(3)), ask=Ask.VOLATILE)
    assert memory.room == {"business": 994}
    assert tiers.used("business", NOW) == 6
