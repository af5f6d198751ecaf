"""Sending through the Graph stand-in: what is accepted, what is refused and how."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import MARIA, NUMBER, OTHER_NUMBER, Api, Product, eventually


def refusal(response: Any) -> tuple[int, int]:
    """(HTTP status, Graph code)."""
    return response.status_code, response.json()["error"]["code"]


def body_of(*texts: str) -> list[dict[str, Any]]:
    return [{"type": "body", "parameters": [{"type": "text", "text": text} for text in texts]}]


def test_an_accepted_message_stands_in_the_ledger_with_its_id_and_key(api: Api) -> None:
    api.write()
    answer = api.send("Bom dia", biz_opaque_callback_data="key-1").json()

    [entry] = api.ledger()
    assert answer["contacts"][0]["wa_id"] == MARIA
    assert {key: entry[key] for key in ("wamid", "key", "recipient", "connection", "kind")} == {
        "wamid": answer["messages"][0]["id"],
        "key": "key-1",
        "recipient": MARIA,
        "connection": NUMBER,
        "kind": "message",
    }


def test_the_opaque_key_is_echoed_in_every_status(api: Api, product: Product) -> None:
    api.write()
    wamid = api.send(biz_opaque_callback_data="key-2").json()["messages"][0]["id"]

    assert eventually(lambda: len(product.statuses(wamid)) == 3)
    assert product.statuses(wamid) == ["sent", "delivered", "read"]
    assert {one["biz_opaque_callback_data"] for one in product.values("statuses")} == {"key-2"}


def test_free_form_outside_the_window_fails_afterwards_with_131047(
    api: Api, product: Product
) -> None:
    wamid = api.send().json()["messages"][0]["id"]

    assert eventually(lambda: product.statuses(wamid)) == ["failed"]
    assert product.values("statuses")[0]["errors"][0]["code"] == 131047


def test_free_form_outside_the_window_can_be_refused_at_once(api: Api) -> None:
    api.control("POST", "settings", json={"async_errors": []})

    assert refusal(api.send()) == (400, 131047)
    assert api.ledger() == []


def test_the_window_closes_a_day_after_the_customer_wrote(api: Api) -> None:
    api.control("POST", "settings", json={"async_errors": []})
    api.write()
    assert api.send().status_code == 200

    api.control("POST", "settings", json={"clock_offset": 24 * 3600 + 1})
    assert refusal(api.send()) == (400, 131047)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"messaging_product": "sms"}, (400, 100)),
        ({"to": None}, (400, 100)),
        ({"to": "12"}, (400, 131009)),
        ({"type": "telegram"}, (400, 100)),
        ({"text": {"body": ""}}, (400, 100)),
        ({"text": {"body": "x" * 4097}}, (400, 100)),
        ({"biz_opaque_callback_data": "x" * 513}, (400, 100)),
        ({"type": "image", "image": {"id": "42"}}, (400, 100)),
        (
            {"type": "image", "image": {"link": "https://a.example/a.png", "caption": "x" * 1025}},
            (400, 100),
        ),
        ({"type": "location", "location": {"latitude": 95, "longitude": 0}}, (400, 131009)),
        ({"type": "contacts", "contacts": [{}]}, (400, 131008)),
        ({"to": "551140001000"}, (400, 131021)),
    ],
)
def test_a_malformed_message_is_refused_and_not_recorded(
    api: Api, change: dict[str, Any], expected: tuple[int, int]
) -> None:
    api.write()

    assert refusal(api.send(**change)) == expected
    assert api.ledger() == []


@pytest.mark.parametrize(
    ("interactive", "status"),
    [
        (
            {
                "type": "button",
                "body": {"text": "Confirma?"},
                "action": {"buttons": [{"type": "reply", "reply": {"id": "y", "title": "Sim"}}]},
            },
            200,
        ),
        (
            {
                "type": "button",
                "body": {"text": "Confirma?"},
                "action": {"buttons": [{"type": "reply", "reply": {"id": "y", "title": "x" * 21}}]},
            },
            400,
        ),
        ({"type": "button", "body": {"text": "Confirma?"}, "action": {"buttons": []}}, 400),
        (
            {
                "type": "list",
                "body": {"text": "Escolha"},
                "action": {
                    "button": "Ver",
                    "sections": [{"title": "A", "rows": [{"id": "1", "title": "Um"}]}],
                },
            },
            200,
        ),
        (
            {
                "type": "cta_url",
                "body": {"text": "Veja"},
                "action": {
                    "name": "cta_url",
                    "parameters": {"display_text": "Abrir", "url": "https://loja.example"},
                },
            },
            200,
        ),
        ({"type": "carousel", "body": {"text": "?"}, "action": {}}, 400),
    ],
)
def test_interactive_messages_keep_their_limits(
    api: Api, interactive: dict[str, Any], status: int
) -> None:
    api.write()

    assert api.send(type="interactive", interactive=interactive).status_code == status


@pytest.mark.parametrize(
    ("name", "components", "expected"),
    [
        ("boas_vindas", body_of("Maria"), (400, 132000)),
        ("boas_vindas", body_of("Maria", ""), (400, 131008)),
        ("boas_vindas", body_of("Maria", "duas\nlinhas"), (400, 100)),
        ("boas_vindas", body_of("Maria", "x" * 1000), (400, 132005)),
        ("nao_existe", [], (404, 132001)),
        ("natal_antecipado", body_of("Maria"), (404, 132001)),
        ("black_friday", body_of("Maria"), (400, 132015)),
        ("lembrete_consulta", body_of("João", "25/11", "14:30"), (400, 132012)),
        ("boleto_vencendo", body_of("Maria", "R$ 1", "28/11"), (400, 132012)),
        ("codigo_acesso", body_of("123456"), (400, 131008)),
    ],
)
def test_template_parameters_must_fit_the_template(
    api: Api, name: str, components: list[dict[str, Any]], expected: tuple[int, int]
) -> None:
    assert refusal(api.send_template(name, components)) == expected


def test_a_template_needs_no_window(api: Api, product: Product) -> None:
    answer = api.send_template("boas_vindas", body_of("Maria", "AURORA10")).json()

    assert answer["messages"][0]["message_status"] == "accepted"
    wamid = answer["messages"][0]["id"]
    assert eventually(lambda: "read" in product.statuses(wamid))
    assert product.values("statuses")[0]["pricing"]["category"] == "marketing"


def test_a_token_that_is_missing_unknown_or_expired_is_told_apart(api: Api) -> None:
    account = {"waba_id": "102290129340398", "tokens": {"old": 1}}
    api.control("POST", "accounts", json=account)

    answers = {token: api.graph("GET", NUMBER, token=token) for token in ("", "nope", "old")}
    assert {token: refusal(answer) for token, answer in answers.items()} == {
        "": (401, 104),
        "nope": (401, 190),
        "old": (401, 190),
    }
    assert answers["old"].json()["error"]["error_subcode"] == 463


def test_another_accounts_number_does_not_exist_for_this_token(api: Api) -> None:
    numbers = [{"id": "200000000000001"}]
    api.control("POST", "accounts", json={"waba_id": "77", "token": "t77", "numbers": numbers})

    error = api.graph("GET", "200000000000001").json()["error"]
    assert (error["code"], error["error_subcode"]) == (100, 33)
    assert api.graph("GET", "200000000000001", token="t77").status_code == 200


def test_an_unreachable_number_fails_with_131026(api: Api, product: Product) -> None:
    api.control("POST", "settings", json={"unreachable": [MARIA]})
    wamid = api.send_template("hello_world", language="en_US").json()["messages"][0]["id"]

    assert eventually(lambda: product.statuses(wamid)) == ["failed"]
    assert product.values("statuses")[0]["errors"][0]["code"] == 131026


def test_an_old_brazilian_account_is_answered_without_its_ninth_digit(api: Api) -> None:
    api.control("POST", "settings", json={"brazil_without_nine": [MARIA]})
    api.write()

    assert api.send().json()["contacts"][0]["wa_id"] == "551187654321"
    assert len(api.ledger(recipient="551187654321")) == 1


def test_a_customer_can_be_addressed_by_the_user_id_we_gave_out(api: Api) -> None:
    api.write()
    user_id = api.send().json()["contacts"][0]["user_id"]

    answer = api.send(to=None, recipient=user_id).json()
    assert answer["contacts"] == [{"input": user_id, "wa_id": MARIA, "user_id": user_id}]


def test_throughput_and_pair_pace_are_limited_when_switched_on(api: Api) -> None:
    api.control("POST", "settings", json={"pair_rate": True, "pair_burst": 1})
    api.write()
    assert api.send().status_code == 200
    assert refusal(api.send()) == (429, 131056)

    api.control("POST", "settings", json={"pair_rate": False, "throughput": 3})
    answers = [api.send().status_code for _ in range(10)]
    assert 429 in answers


def test_reading_gives_the_customer_blue_ticks(api: Api) -> None:
    wamid = api.write()["id"]
    body = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
    query = {"connection": NUMBER, "contact": MARIA}

    assert api.graph("POST", f"{NUMBER}/messages", json=body).json() == {"success": True}
    [bubble] = api.control("GET", "phone/messages", params=query)["results"]
    assert bubble["status"] == "read"
    assert refusal(api.graph("POST", f"{OTHER_NUMBER}/messages", json=body)) == (400, 100)
