"""What a message says as text, and when two texts are the same."""

import pytest

from messaging.plain import digest, text_of


def test_a_template_is_its_parts_below_one_another() -> None:
    content = {"header": {"format": "TEXT", "text": "Aurora"}, "body": "Oi Ana", "footer": "PARAR"}
    assert text_of(content) == "Aurora\nOi Ana\nPARAR"
    assert text_of({"header": None, "body": "Oi", "footer": "", "buttons": []}) == "Oi"
    assert text_of({"text": "Oi"}) == "Oi"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Oi Ana", " oi   ANA\n"),
        ("Promoção", "Promoc\u0327a\u0303o"),
        ("Veja https://a.br/l/aB3xYz12", "Veja https://a.br/l/9kLmNo00"),
    ],
)
def test_what_reads_alike_is_the_same(one: str, other: str) -> None:
    assert digest(one) == digest(other)


def test_another_word_or_link_is_another_text() -> None:
    assert len({digest("Oi Ana"), digest("Oi Bia"), digest("Oi Ana https://a.br/x")}) == 3
