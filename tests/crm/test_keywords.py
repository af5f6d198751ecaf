"""Which messages are a keyword, and what a company may add."""

from typing import Any

import pytest
from django.utils import translation

from core.errors import Invalid
from crm.services import keywords
from crm.services.keywords import match

pytestmark = pytest.mark.usefixtures("company")
DEFAULTS: dict[str, Any] = {
    "stop_words": [], "start_words": [], "confirms": True, "stop_text": "", "start_text": "",
}  # fmt: skip


def updated(**changes: Any) -> None:
    keywords.update_policy(**{**DEFAULTS, **changes})


@pytest.mark.parametrize(
    "text",
    [
        "PARAR", "pare", " Sair! ", "cancelar.", "Descadastrar", "remover", "STOP", "stopall",
        "Stop all", "unsubscribe", "END", "quit", "BAJA", "Detener", "parar 🙏", "*PARAR*",
        "¡Baja!", "Não quero receber", "nao  quero\nreceber", "PÁRAR", "\uff33\uff34\uff2f\uff30",
    ],
)  # fmt: skip
def test_the_word_alone_stops_however_it_is_written(text: str) -> None:
    found = match(text)
    assert found is not None
    assert found.action == "opt_out"


@pytest.mark.parametrize("text", ["INICIAR", "voltar", "Start!", "ALTA", "unstop"])
def test_the_word_alone_resumes(text: str) -> None:
    found = match(text)
    assert found is not None
    assert found.action == "opt_in"


@pytest.mark.parametrize(
    "text",
    ["", "🙏", "quero parar o pedido", "pare de mandar", "não pare", "the end", "sairemos", "1",
     "stop" + " " * 200, "parar " * 30],
)  # fmt: skip
def test_anything_around_the_word_makes_it_an_ordinary_message(text: str) -> None:
    assert match(text) is None


def test_the_source_names_the_word() -> None:
    found = match("não quero receber!")
    assert found is not None
    assert found.source == "keyword NAO QUERO RECEBER"


def test_a_company_adds_words(django_capture_on_commit_callbacks: Any) -> None:
    assert match("chega") is None
    with django_capture_on_commit_callbacks(execute=True):
        updated(stop_words=["Chega!", "parar", ""], start_words=["Pode mandar"])
    assert keywords.policy().stop_words == ["chega"]
    assert [match(text).action for text in ("chega", "pode mandar")] == ["opt_out", "opt_in"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"stop_words": ["!!!"]}, "stop_words"),
        ({"stop_words": ["x" * 41]}, "stop_words"),
        ({"stop_words": [f"w{n}" for n in range(51)]}, "stop_words"),
        ({"stop_words": ["voltar"]}, "stop_words"),
        ({"start_words": ["parar"]}, "start_words"),
        ({"stop_words": ["ok"], "start_words": ["OK!"]}, "start_words"),
        ({"stop_text": "x" * 1001}, "stop_text"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        updated(**changes)
    assert list(caught.value.errors) == [field]


def test_the_answer_is_ours_in_the_companys_language_until_it_has_its_own() -> None:
    with translation.override("en"):
        answer = keywords.confirmation("opt_out")
    assert answer is not None
    assert answer == keywords.Confirmation(
        "You will get no more offers from us. To get them again, answer START.", "standard-en"
    )
    updated(stop_text="Combinado!")
    assert keywords.confirmation("opt_out") == keywords.Confirmation("Combinado!", "v2")
    updated(stop_text="Combinado!", stop_words=["chega"])
    assert keywords.policy().version == 2
    updated(stop_text="Certo.")
    assert keywords.policy().version == 3


@pytest.mark.parametrize("language", ["pt-br", "en", "es"])
def test_the_words_that_our_sentences_name_are_heard(language: str) -> None:
    with translation.override(language):
        for action, other in (("opt_out", "opt_in"), ("opt_in", "opt_out")):
            named = keywords.standard_text(action).rstrip(".").split()[-1]
            found = match(named)
            assert found is not None
            assert found.action == other


def test_a_company_may_answer_nothing() -> None:
    updated(confirms=False)
    assert keywords.confirmation("opt_out") is None
