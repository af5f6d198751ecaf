"""Facts have names that people read."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from events import labels, log
from events.facts import catalogue


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def test_every_fact_of_the_house_has_a_label_of_its_own() -> None:
    named = {name: str(label) for group in labels.GROUPS for name, label in group.types.items()}
    assert set(named) == {name for name in catalogue if not name.startswith("test.")}
    assert len(set(named.values())) == len(named)


def test_what_has_no_label_is_called_by_its_name() -> None:
    assert labels.label_of("pix.paid") == "PIX paid"
    assert labels.label_of("no.such") == "no.such"


def test_a_groups_pattern_asks_for_its_types_and_no_others() -> None:
    for group in labels.GROUPS:
        assert set(log.Filters(type=group.pattern).types) == set(group.types)


def test_what_a_filter_asks_for_is_said_in_words() -> None:
    assert labels.asked("contact.*,contacts.*,import.*,suppression.*") == "Contacts"
    assert labels.asked("pix.paid, member.left") == "PIX paid, Member left"
    assert labels.asked("") == ""
