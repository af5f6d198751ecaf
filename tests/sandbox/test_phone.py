"""What the phone shows of a chat."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox import samples
from tests.sandbox.conftest import MARIA, NUMBER, Api


def chat(api: Api) -> list[dict[str, Any]]:
    query = {"connection": NUMBER, "contact": MARIA}
    results: list[dict[str, Any]] = api.control("GET", "phone/messages", params=query)["results"]
    return results


def test_a_template_is_shown_filled_in_with_header_footer_and_buttons(api: Api) -> None:
    parameters = [{"type": "text", "text": text} for text in ("Maria", "AURORA10")]
    api.send_template("boas_vindas", [{"type": "body", "parameters": parameters}])

    [view] = chat(api)
    assert view["header"] == "Bem-vindo à Loja Aurora ☀️"
    assert view["text"].startswith("Olá, Maria! ")
    assert "AURORA10" in view["text"]
    assert view["footer"] == "Responda PARAR para não receber ofertas"
    assert [button["label"] for button in view["buttons"]] == ["Quero ver ofertas", "Agora não"]


def test_named_parameters_media_headers_and_addresses_are_filled_in(api: Api) -> None:
    file = ("a.png", samples.sample("image"), "image/png")
    form = {"messaging_product": "whatsapp"}
    media = api.graph("POST", f"{NUMBER}/media", data=form, files={"file": file}).json()["id"]
    values = {"nome": "Maria", "data_fim": "hoje", "produto": "Tênis", "desconto": "30%"}
    named = [{"type": "text", "parameter_name": key, "text": one} for key, one in values.items()]
    components = [
        {"type": "header", "parameters": [{"type": "image", "image": {"id": media}}]},
        {"type": "body", "parameters": named},
        {
            "type": "button",
            "sub_type": "url",
            "index": "0",
            "parameters": [{"type": "text", "text": "tenis"}],
        },
    ]
    assert api.send_template("promocao_semana", components).status_code == 200

    [view] = chat(api)
    assert view["text"].startswith("Oi, Maria! Só até hoje: Tênis com 30% de desconto.")
    assert view["buttons"][0]["value"] == "https://loja.example/ofertas/tenis"
    assert api.http.get(view["media"]["url"]).content == samples.sample("image")


def test_replies_quote_and_reactions_stick_to_their_message(api: Api) -> None:
    heard = api.write("Tem no 38?")["id"]
    api.send("Tem sim", context={"message_id": heard})
    api.send(type="reaction", reaction={"message_id": heard, "emoji": "👍"})

    question, answer = chat(api)
    assert question["reaction"] == "👍"
    assert answer["quoted"] == {
        "text": "Tem no 38?",
        "kind": "text",
        "direction": "out",
    }


def test_the_latest_chat_comes_first_and_search_finds_by_name(api: Api) -> None:
    api.write("um", sender="5511911110001", name="Ana")
    api.write("dois", sender="5511911110002", name="Bia")

    def names(search: str = "") -> list[str]:
        query = {"connection": NUMBER, "q": search}
        return [
            row["name"] for row in api.control("GET", "phone/contacts", params=query)["results"]
        ]

    assert names() == ["Bia", "Ana"]
    assert names("an") == ["Ana"]


@pytest.mark.parametrize(
    ("path", "language", "word"),
    [
        ("/", "pt-BR,pt;q=0.9,en;q=0.8", "Telefone do cliente"),
        ("/", "en-US,en;q=0.9", "Customer&#x27;s phone"),
        ("/mail", "", "Caixa de e-mail"),
    ],
)
def test_pages_speak_the_browsers_language_and_run_no_inline_script(
    api: Api, path: str, language: str, word: str
) -> None:
    answer = api.http.get(path, headers={"Accept-Language": language})

    assert word in answer.text
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "<script>" not in answer.text
