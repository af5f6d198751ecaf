"""Templates: pages, review, and what Meta refuses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.conftest import WABA, Api, Product, eventually

GOOD = {
    "name": "nova",
    "language": "pt_BR",
    "category": "UTILITY",
    "components": [
        {
            "type": "BODY",
            "text": "Olá, {{1}}! Seu pedido saiu para entrega.",
            "example": {"body_text": [["Maria"]]},
        }
    ],
}


def with_body(text: str, **more: Any) -> dict[str, Any]:
    return {**GOOD, "components": [{"type": "BODY", "text": text, **more}]}


def with_extra(component: dict[str, Any]) -> dict[str, Any]:
    return {**GOOD, "components": [*GOOD["components"], component]}


def test_the_list_is_walked_by_cursor_without_gap_or_repeat(api: Api) -> None:
    api.control("POST", "settings", json={"extra_templates": 120})
    seen, query = [], {"limit": 50, "fields": "name,language"}
    while True:
        page = api.graph("GET", f"{WABA}/message_templates", params=query).json()
        seen += [row["id"] for row in page["data"]]
        if "next" not in page["paging"]:
            break
        query["after"] = page["paging"]["cursors"]["after"]

    assert len(seen) == len(set(seen)) == 134


def test_filters_and_fields_narrow_the_list(api: Api) -> None:
    query = {"status": "PAUSED", "fields": "name"}
    answer = api.graph("GET", f"{WABA}/message_templates", params=query).json()

    assert [set(row) for row in answer["data"]] == [{"id", "name"}]
    assert answer["data"][0]["name"] == "black_friday"


def test_a_new_template_is_reviewed_and_reported(api: Api, product: Product) -> None:
    created = api.graph("POST", f"{WABA}/message_templates", json=GOOD).json()

    def status() -> str:
        return str(api.graph("GET", created["id"]).json()["status"])

    assert created["status"] == "PENDING"
    assert eventually(lambda: status() == "APPROVED")
    assert eventually(lambda: product.posts)
    assert b'"field":"message_template_status_update"' in product.posts[0][0]
    assert b'"event":"APPROVED"' in product.posts[0][0]


@pytest.mark.parametrize(
    ("data", "subcode"),
    [
        ({**GOOD, "name": "Nova Oferta"}, 2388023),
        ({**GOOD, "category": "SPAM"}, 2388025),
        ({**GOOD, "name": "boas_vindas"}, 2388024),
        (with_body("x" * 1025), 2388040),
        (with_body("{{1}}, olá para você aqui", example={"body_text": [["a"]]}), 2388299),
        (with_body("Olá para você aqui, {{1}}", example={"body_text": [["a"]]}), 2388299),
        (with_body("Olá, {{1}}, seu pedido saiu agora."), 2388043),
        (with_body("a {{1}} b {{2}} c {{3}} d", example={"body_text": [["a", "b", "c"]]}), 2388293),
        (with_body("Olá, {{2}}, seu pedido saiu.", example={"body_text": [["a"]]}), 2388047),
        (with_extra({"type": "FOOTER", "text": "Loja {{1}} aqui"}), 2388073),
        (with_extra({"type": "HEADER", "format": "IMAGE"}), 2388043),
        (with_extra({"type": "HEADER", "format": "TEXT", "text": "x" * 61}), 2388040),
        (
            with_extra({"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "x" * 26}]}),
            2388040,
        ),
        (
            with_extra({"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "a"}] * 11}),
            2388047,
        ),
    ],
)
def test_what_meta_refuses_is_refused_with_its_subcode(
    api: Api, data: dict[str, Any], subcode: int
) -> None:
    answer = api.graph("POST", f"{WABA}/message_templates", json=data)

    assert (answer.status_code, answer.json()["error"]["error_subcode"]) == (400, subcode)


def test_editing_sends_a_template_into_review_again(api: Api) -> None:
    api.control("POST", "settings", json={"template_approval_delay": 60})
    [row] = api.graph("GET", f"{WABA}/message_templates", params={"status": "PAUSED"}).json()[
        "data"
    ]
    components = GOOD["components"]

    assert api.graph("POST", row["id"], json={"components": components}).json() == {"success": True}
    assert api.graph("GET", row["id"]).json()["status"] == "PENDING"
    assert api.graph("POST", row["id"], json={"components": components}).status_code == 400


def test_deleting_by_name_takes_every_language_and_by_id_one(api: Api) -> None:
    path = f"{WABA}/message_templates"
    [english] = api.graph("GET", path, params={"name": "boas_vindas", "language": "en"}).json()[
        "data"
    ]

    def left() -> int:
        return len(api.graph("GET", path, params={"name": "boas_vindas"}).json()["data"])

    api.graph("DELETE", path, params={"name": "boas_vindas", "hsm_id": english["id"]})
    assert left() == 1
    api.graph("DELETE", path, params={"name": "boas_vindas"})
    assert left() == 0
    assert api.graph("DELETE", path, params={"name": "boas_vindas"}).status_code == 400
