"""The words of messages: what is stored of them, and what is shown around a find."""

import pytest

from conversations import wording


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"text": "Oi"}, "Oi"),
        ({"caption": "Olha a foto"}, "Olha a foto"),
        ({"header": {"text": "Pedido"}, "body": "Veio", "footer": "Loja"}, "Pedido\nVeio\nLoja"),
        ({"name": "Loja Centro", "address": "Rua Um"}, "Loja Centro\nRua Um"),
        ({"contacts": [{"name": "Bia"}, {"name": "Caio"}]}, "Bia\nCaio"),
        ({}, ""),
    ],
)
def test_everything_that_somebody_wrote_is_said(content: dict[str, object], said: str) -> None:
    assert wording.plain(content) == said


def test_a_word_is_stored_once_without_case_and_accents() -> None:
    assert wording.vector("Não, NÃO! D'água_fria") == "'agua' 'd' 'fria' 'nao'"


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("", ""),
        ("  !? ", ""),
        ("Promoç", "'promoc':*"),
        ("a entrega chegou", "'a' & 'entrega' & 'chegou':*"),
        ("o'neill \\", "'o' & 'neill':*"),
    ],
)
def test_the_last_word_may_be_half_typed(typed: str, query: str) -> None:
    assert wording.query(typed) == query


def test_a_text_that_is_too_long_asks_for_its_first_words_alone() -> None:
    assert wording.query("um " * 30).count("&") == wording.MAX_WORDS - 1


def shown(text: str, typed: str) -> str:
    pieces = wording.excerpt(text, typed)
    return "".join(f"[{piece.text}]" if piece.is_hit else piece.text for piece in pieces)


def test_every_find_in_the_excerpt_is_marked() -> None:
    text = "A promoção acabou? Promocional, não."
    assert shown(text, "promoc") == "A [promoção] acabou? [Promocional], não."
    assert shown(text, "acabou promoc") == "A [promoção] [acabou]? [Promocional], não."


def test_a_word_that_was_typed_whole_is_not_found_inside_another() -> None:
    assert shown("acabou acabou-se acabouxe", "acabou x") == "[acabou] [acabou]-se acabouxe"


def test_an_excerpt_of_a_long_text_begins_at_a_word_near_the_find() -> None:
    text = "bla " * 50 + "entrega amanhã " + "ble " * 50
    found = shown(text, "entrega")
    assert found.startswith("…bla bla")
    assert "[entrega] amanhã ble" in found
    assert found.endswith("…")
    assert len(found) < wording.AROUND + 6


def test_a_text_without_a_find_shows_its_beginning() -> None:
    assert shown("Oi, tudo bem?", "zebra") == "Oi, tudo bem?"
