"""Templates of before and of today, read by one function everywhere."""

from typing import Any

import pytest

from connections.models import Connection
from messaging.models import Template
from messaging.rendering import filler, render, resolve_variables, values_in
from messaging.template_drafts import draft_of
from messaging.template_shapes import BadShape, components_in
from tenants.models import Company
from tests.messaging import factories

LEGACY = {"header": "Aurora", "body": "Olá {{1}}, pedido {{2}}", "footer": "Obrigado"}
CURRENT = [
    {"type": "HEADER", "format": "TEXT", "text": "Aurora"},
    {"type": "BODY", "text": "Olá {{1}}, pedido {{2}}"},
    {"type": "FOOTER", "text": "Obrigado"},
]


@pytest.mark.parametrize(
    "shape", [LEGACY, CURRENT, {"components": CURRENT}, {"components": LEGACY}]
)
def test_every_shape_is_the_same_components(shape: Any) -> None:
    assert components_in(shape) == CURRENT


def test_a_text_alone_is_a_body() -> None:
    assert components_in("Oi") == [{"type": "BODY", "text": "Oi"}]


def test_types_are_read_in_any_case_and_buttons_are_kept() -> None:
    buttons = [{"type": "QUICK_REPLY", "text": "Ok"}]
    assert components_in([{"type": "Body", "text": "Oi"}])[0]["type"] == "BODY"
    assert components_in({"body": "Oi", "buttons": buttons})[-1] == {
        "type": "BUTTONS",
        "buttons": buttons,
    }


@pytest.mark.parametrize("shape", [None, 7, {}, {"body": ""}, {"body": 7}, [7], [{"text": "x"}]])
def test_what_is_no_template_is_refused(shape: Any) -> None:
    with pytest.raises(BadShape):
        components_in(shape)


class TestRowsOfBefore:
    @pytest.fixture
    def rows(self, company: Company) -> list[Template]:
        number: Connection = factories.a_connection()
        return [
            factories.a_template(number, name=name, components=shape, variables=[])
            for name, shape in (("old", LEGACY), ("new", CURRENT))
        ]

    def test_they_are_shown_and_sent_like_any_other(self, rows: list[Template]) -> None:
        values = {"1": "Ana", "2": "7"}
        old, new = rows
        assert render(old, values) == render(new, values)
        assert render(old, values)["body"] == "Olá Ana, pedido 7"
        assert filler(old)(values) == filler(new)(values)
        assert draft_of(old).body == draft_of(new).body == LEGACY["body"]

    def test_their_variables_are_found_in_the_text(self, rows: list[Template]) -> None:
        [ana] = factories.contacts(1)
        for row in rows:
            values, missing = resolve_variables(row, {"1": {"field": "name"}}, ana)
            assert (values["1"], missing) == (ana.name, ["2"])

    def test_values_come_by_name_or_in_order(self, rows: list[Template]) -> None:
        for row in rows:
            by_name = values_in(row, {"1": "Ana", "2": "7"})
            assert by_name == values_in(row, ["Ana", "7"]) == {"1": "Ana", "2": "7"}
            with pytest.raises(BadShape):
                values_in(row, ["Ana", "7", "8"])
            with pytest.raises(BadShape):
                values_in(row, "Ana")
