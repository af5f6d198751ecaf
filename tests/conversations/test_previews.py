"""A message in one line."""

from typing import Any

import pytest
from django.utils import translation

from conversations.previews import LENGTH, preview
from messaging.models import Message

CASES: list[tuple[str, dict[str, Any], tuple[str, str]]] = [
    ("text", {"text": "Oi\n tudo\tbem?"}, ("", "Oi tudo bem?")),
    (
        "text",
        {"text": "Pode ser *sexta* às _15h_ ou 2*3*4?"},
        ("", "Pode ser sexta às 15h ou 2*3*4?"),
    ),
    ("image", {}, ("image", "Image")),
    ("image", {"caption": "Olha"}, ("image", "Olha")),
    ("audio", {"voice": True}, ("mic", "Audio")),
    ("template", {"body": "Olá, Ana"}, ("layout-template", "Olá, Ana")),
    ("location", {"latitude": 1, "longitude": 2}, ("map-pin", "Location")),
    ("location", {"name": "Loja"}, ("map-pin", "Loja")),
    ("contacts", {"contacts": [{"name": "Ana"}, {"name": "Bia"}]}, ("contact", "Ana, Bia")),
    ("reaction", {"emoji": "❤️"}, ("", "Reacted ❤️")),
    ("reaction", {"emoji": ""}, ("", "Took a reaction back")),
    ("interactive", {"text": "Tamanho M"}, ("", "Tamanho M")),
    ("unknown", {"raw": {"type": "order"}}, ("circle-help", "Unsupported message")),
]


@pytest.mark.parametrize(("kind", "content", "shown"), CASES)
def test_each_kind_reads_as_one_line(
    kind: str, content: dict[str, Any], shown: tuple[str, str]
) -> None:
    with translation.override("en"):
        line = preview(Message(kind=kind, content=content))
    assert (line.icon, line.text) == shown


def test_a_long_text_is_cut() -> None:
    assert len(preview(Message(kind="text", content={"text": "a" * 5000})).text) == LENGTH
