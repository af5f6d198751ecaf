"""A compiled template says exactly what a rendered one says."""

import orjson
import pytest

from messaging.compiled import Compiled
from messaging.models import Template
from messaging.rendering import render
from messaging.template_parts import variables_of

SHAPES = {
    "body": [{"type": "BODY", "text": "Olá {{1}}, {{2}} e {{1}}"}],
    "named": [{"type": "BODY", "text": 'Olá {{nome}} "amigo"\nnova linha'}],
    "fixed": [{"type": "BODY", "text": "Nada muda {isso}"}],
    "whole": [
        {"type": "HEADER", "format": "TEXT", "text": "Para {{1}}"},
        {"type": "BODY", "text": "Seu código {{1}}"},
        {"type": "FOOTER", "text": "PARAR para sair"},
        {"type": "BUTTONS", "buttons": [
            {"type": "URL", "text": "Ver", "url": "https://example.com/{{1}}"},
            {"type": "QUICK_REPLY", "text": "Sim"},
            {"type": "COPY_CODE", "example": "X"},
        ]},
    ],
    "image": [{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Oi {{1}}"}],
}  # fmt: skip
VALUES = ["Ana", 'com "aspas" \\ barra', "{{1}}", "ção 💚", "\ue000"]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("value", VALUES)
def test_it_says_what_a_rendered_one_says(shape: str, value: str) -> None:
    components = SHAPES[shape]
    named = "{{nome}}" in str(components)
    template = Template(
        components=components,
        variables=variables_of(components),
        parameter_format="NAMED" if named else "POSITIONAL",
        category="MARKETING",
    )
    values = {one["name"]: f"{value}{at}" for at, one in enumerate(template.variables)}
    assert orjson.loads(Compiled(template).render(values)) == render(template, values)
