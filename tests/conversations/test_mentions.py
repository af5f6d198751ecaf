"""Whom a note calls by its text."""

import pytest

from conversations.mentions import named_in
from team.models import Member

ANA, ANA_SOUZA, ANA_TWO = Member(name="Ana"), Member(name="Ana Souza"), Member(name="ana")


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("@Ana veja", [ANA]),
        ("Veja, @ana!", [ANA]),
        ("@Ana Souza veja", [ANA_SOUZA]),
        ("@Ana e @Ana Souza", [ANA_SOUZA, ANA]),
        ("@Anabela veja", []),
        ("ana@ana veja", []),
        ("Ana veja", []),
    ],
)
def test_the_longest_name_behind_the_sign_is_called(text: str, called: list[Member]) -> None:
    assert named_in(text, [ANA, ANA_SOUZA]) == called


def test_of_two_with_one_name_both_are_called() -> None:
    assert named_in("@Ana veja", [ANA, ANA_TWO]) == [ANA, ANA_TWO]
