"""What Meta would refuse is refused here first, and the sandbox's own checks agree."""

from dataclasses import replace

import pytest

from core.errors import Invalid
from messaging.channel_rules import ensure_acceptable
from messaging.template_drafts import Button, Draft, components_of
from messaging.templates_rules import problems
from sandbox.meta.errors import GraphError
from sandbox.meta.template_checks import check

GOOD = Draft(
    name="pedido_enviado",
    language="pt_BR",
    category="UTILITY",
    header="Pedido {{numero}}",
    body="Olá {{nome}}, o seu pedido {{numero}} saiu para entrega hoje.",
    footer="Loja Aurora",
    buttons=[
        Button("QUICK_REPLY", "Obrigado"),
        Button("URL", "Acompanhar", "https://aurora.example/p/{{1}}"),
        Button("PHONE_NUMBER", "Ligar", "+551140001000"),
    ],
    examples={"nome": "Ana", "numero": "123", "button_2": "123"},
)


def found(**changed: object) -> list[tuple[str, str]]:
    return [(name, code) for name, code, _ in problems(replace(GOOD, **changed))]  # type: ignore[arg-type]


def body(text: str, **examples: str) -> list[tuple[str, str]]:
    return found(header="", buttons=[], body=text, examples=examples)


def as_submitted(draft: Draft) -> dict[str, object]:
    return {
        "name": draft.name,
        "language": draft.language,
        "category": draft.category,
        "parameter_format": draft.parameter_format,
        "components": components_of(draft),
    }


def test_a_good_one_passes_here_and_there() -> None:
    ensure_acceptable(GOOD, "whatsapp")
    check(as_submitted(GOOD))


@pytest.mark.parametrize("name", ["", "Pedido", "pedido enviado", "ação", "a" * 513, "a-b"])
def test_names(name: str) -> None:
    assert found(name=name) == [("name", "name_pattern")]


def test_language_and_category() -> None:
    assert found(language="xx") == [("language", "language_unknown")]
    assert found(category="FUN") == [("category", "category_unknown")]
    assert found(category="AUTHENTICATION")[0] == ("category", "category_elsewhere")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x" * 61, "too_long"),
        ("two\nlines", "formatting"),
        ("*bold*", "formatting"),
        ("party 🎉", "emoji"),
        ("star ⭐", "emoji"),
        ("ação às 9h, já!", None),
        ("{{a}} {{b}}", "too_many_variables"),
        ("{{Name}", "variable_malformed"),
    ],
)
def test_headers(text: str, code: str | None) -> None:
    codes = [code for name, code in found(header=text, body="Olá, tudo bem?") if name == "header"]
    assert codes == ([code] if code else [])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "required"),
        ("  ", "required"),
        ("x" * 1025, "too_long"),
        ("{{1}} tudo bem com você", "variable_at_edge"),
        ("Tudo bem com você {{1}}", "variable_at_edge"),
        ("Tudo bem com você {{1}}.", "variable_at_edge"),
        ("Olá {{1}}{{2}}, tudo bem com você hoje?", "variables_adjacent"),
        ("Olá {{1}} e {{2}} sim", "too_many_variables"),
        ("Olá {{2}}, tudo bem com você?", "variable_order"),
        ("Olá {{nome}, tudo bem com você?", "variable_malformed"),
        ("Olá {{primeiro nome}}, tudo bem com você?", "variable_malformed"),
        ("Olá {{1}}, sou {{nome}} daqui da loja, tudo bem?", "variables_mixed"),
    ],
)
def test_texts(text: str, code: str) -> None:
    examples = {"1": "a", "2": "b", "nome": "c"}
    assert body(text, **examples) == [("body", code)]


def test_a_name_with_capitals_is_no_variable_of_metas() -> None:
    assert body("Olá {{Nome}}, tudo bem com você?", Nome="Ana") == [
        ("variables.Nome", "variable_malformed")
    ]


def test_every_variable_needs_an_example() -> None:
    assert body("Olá {{1}}, tudo bem com você?") == [("variables.1", "example_missing")]


@pytest.mark.parametrize(
    ("text", "code"), [("x" * 61, "too_long"), ("a\nb", "formatting"), ("{{1}}", "variables")]
)
def test_footers(text: str, code: str) -> None:
    assert [item for item in found(footer=text) if item[0] == "footer"] == [("footer", code)]


def buttons(*made: Button, **examples: str) -> list[tuple[str, str]]:
    draft = replace(GOOD, buttons=made, examples={**GOOD.examples, **examples})
    return [(name, code) for name, code, _ in problems(draft)]


QUICK = Button("QUICK_REPLY", "Sim")
LINK = Button("URL", "Abrir", "https://aurora.example")


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        ([Button("QUICK_REPLY", f"Opção {n}") for n in range(11)], ("buttons", "too_many")),
        ([Button("URL", f"L{n}", "https://a.example") for n in range(3)],
         ("buttons", "too_many_of_type")),
        ([QUICK, Button("QUICK_REPLY", "sim")], ("buttons", "label_twice")),
        ([QUICK, LINK, Button("QUICK_REPLY", "Não")], ("buttons", "interleaved")),
        ([Button("QUICK_REPLY", "")], ("buttons.0", "required")),
        ([Button("QUICK_REPLY", "x" * 26)], ("buttons.0", "too_long")),
        ([Button("QUICK_REPLY", "Sim 👍")], ("buttons.0", "label")),
        ([Button("URL", "Abrir", "aurora.example")], ("buttons.0", "url")),
        ([Button("URL", "Abrir", "https://{{1}}.example")], ("buttons.0", "url")),
        ([Button("URL", "Abrir", "javascript:alert(1)")], ("buttons.0", "url")),
        ([Button("PHONE_NUMBER", "Ligar", "4000-1000")], ("buttons.0", "phone")),
        ([Button("DANCE", "Ligar")], ("buttons.0", "type_unknown")),
        ([Button("COPY_CODE")], ("variables.button_1", "too_long")),
    ],
)  # fmt: skip
def test_buttons(made: list[Button], problem: tuple[str, str]) -> None:
    assert problem in buttons(*made, button_1="x" * 16)


def test_good_buttons_pass() -> None:
    assert buttons(QUICK, LINK, Button("COPY_CODE"), button_3="AURORA10") == []


def test_the_refusal_names_the_fields() -> None:
    with pytest.raises(Invalid) as caught:
        ensure_acceptable(replace(GOOD, name="", footer="{{1}}"), "whatsapp")
    assert {name: [item.code for item in items] for name, items in caught.value.errors.items()} == {
        "name": ["name_pattern"],
        "footer": ["variables"],
    }


@pytest.mark.parametrize(
    "draft",
    [
        replace(GOOD, name="Pedido"),
        replace(GOOD, header="x" * 61),
        replace(GOOD, header="two\nlines"),
        replace(GOOD, body="{{nome}} tudo bem com você"),
        replace(GOOD, body="x" * 1025),
        replace(GOOD, footer="{{1}}"),
        replace(GOOD, examples={}),
        replace(GOOD, buttons=[Button("QUICK_REPLY", "x" * 26)]),
        replace(GOOD, category="FUN"),
    ],
)
def test_what_the_provider_refuses_never_leaves(draft: Draft) -> None:
    with pytest.raises(GraphError):
        check(as_submitted(draft))
    with pytest.raises(Invalid):
        ensure_acceptable(draft, "whatsapp")
