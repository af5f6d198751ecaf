"""Which answers are a rating."""

from uuid import UUID

import pytest

from conversations.rating_words import score_of

ASKED = UUID(int=7)


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("5", 5),
        (" 1 ", 1),
        ("4.", 4),
        ("3️⃣", 3),
        ("⭐⭐⭐⭐", 4),
        ("Cinco", 5),
        ("três!", 3),
        ("TRES", 3),
        ("two", 2),
        ("", None),
        ("0", None),
        ("6", None),
        ("10", None),
        ("5 camisetas", None),
        ("nota", None),
        ("⭐⭐⭐⭐⭐⭐", None),
    ],
)
def test_a_text_is_a_rating_when_it_is_a_number_and_nothing_else(
    text: str, score: int | None
) -> None:
    assert score_of("text", {"text": text}, ASKED) == score


@pytest.mark.parametrize(
    ("key", "score"),
    [
        (f"rating:{ASKED.hex}:2", 2),
        (f"rating:{UUID(int=8).hex}:2", None),  # of another question
        (f"rating:{ASKED.hex}:9", None),
        ("talk_to_us", None),
    ],
)
def test_a_tap_is_a_rating_on_the_list_of_that_question_alone(key: str, score: int | None) -> None:
    assert score_of("interactive", {"type": "list", "id": key, "text": "5"}, ASKED) == score


def test_a_caption_is_none() -> None:
    assert score_of("image", {"caption": "5"}, ASKED) is None
