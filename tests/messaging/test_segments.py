"""Parts of an SMS, by GSM-7 and UCS-2."""

import pytest

from messaging.segments import GSM7, UCS2, count


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts", "left"),
    [
        ("", GSM7, 0, 0, 160),
        ("Oi", GSM7, 2, 1, 158),
        ("a" * 160, GSM7, 160, 1, 0),
        ("a" * 161, GSM7, 161, 2, 145),
        ("a" * 306, GSM7, 306, 2, 0),
        ("a" * 307, GSM7, 307, 3, 152),
        ("é" * 160, GSM7, 160, 1, 0),  # é, à and Ç are of the alphabet, á, ã and ç are not
        ("{" * 80, GSM7, 160, 1, 0),
        ("{" * 81, GSM7, 162, 2, 143),
        ("ã" * 70, UCS2, 70, 1, 0),
        ("ã" * 71, UCS2, 71, 2, 63),
        ("ã" * 134, UCS2, 134, 2, 0),
        ("ã" * 135, UCS2, 135, 3, 66),
        ("😀" * 35, UCS2, 70, 1, 0),
        ("😀" * 36, UCS2, 72, 2, 61),
    ],
)
def test_parts_of_a_text(text: str, encoding: str, units: int, parts: int, left: int) -> None:
    found = count(text)
    assert (found.encoding, found.units, found.parts) == (encoding, units, parts)
    assert found.left == left


def test_no_character_is_cut_in_half() -> None:
    # 152 letters leave one septet in the part: the brace goes whole into the next.
    found = count("a" * 152 + "{" + "a" * 10)
    assert (found.units, found.parts, found.left) == (164, 2, 141)


def test_the_characters_that_cost_more_are_named() -> None:
    assert count("Olá, você já viu? ✅").odd == ("á", "ê", "✅")
    assert count("Oi {nome} €5").odd == ()
