"""Customers writing: the webhook the product gets, and what it may do with it."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from sandbox import samples
from tests.sandbox.conftest import MARIA, NUMBER, WABA, Api, Product, eventually


def test_a_text_arrives_signed_in_metas_shape(api: Api, product: Product) -> None:
    answer = api.write("Quero comprar", name="Maria")

    assert (answer["delivered"], answer["status"]) == (True, 200)
    [(raw, headers)] = product.posts
    [change] = json.loads(raw)["entry"][0]["changes"]
    [message] = change["value"]["messages"]
    assert json.loads(raw)["entry"][0]["id"] == WABA
    assert change["value"]["metadata"] == {
        "display_phone_number": "551140001000",
        "phone_number_id": NUMBER,
    }
    assert change["value"]["contacts"][0]["profile"] == {"name": "Maria"}
    assert change["value"]["contacts"][0]["user_id"] == message["from_user_id"]
    assert (message["from"], message["id"]) == (MARIA, answer["id"])
    assert message["text"] == {"body": "Quero comprar"}
    assert headers["X-Hub-Signature-256"].startswith("sha256=")


@pytest.mark.parametrize("kind", ["image", "audio", "document"])
def test_a_customers_file_can_be_downloaded(api: Api, product: Product, kind: str) -> None:
    media = {"kind": kind, "caption": "veja", "filename": "a.bin"}
    api.control("POST", "inbound", json={"connection": NUMBER, "from": MARIA, "media": media})
    [message] = product.values("messages")
    facts = api.graph("GET", message[kind]["id"]).json()
    headers = {"Authorization": "Bearer sandbox-token"}

    assert message["type"] == kind
    assert api.http.get(facts["url"], headers=headers).content == samples.sample(kind)
    assert api.http.get(facts["url"]).status_code == 401
    digest = base64.b64encode(hashlib.sha256(samples.sample(kind)).digest()).decode()
    assert message[kind]["sha256"] == digest


def test_given_bytes_are_kept(api: Api, product: Product) -> None:
    media = {"kind": "image", "base64": base64.b64encode(b"bytes").decode(), "mime": "image/png"}
    api.control("POST", "inbound", json={"connection": NUMBER, "from": MARIA, "media": media})

    [message] = product.values("messages")
    assert api.graph("GET", message["image"]["id"]).json()["file_size"] == 5


def test_a_payload_goes_through_as_it_is(api: Api, product: Product) -> None:
    payload: dict[str, Any] = {
        "type": "order",
        "order": {"catalog_id": "1"},
        "errors": [{"code": 1}],
    }
    api.control("POST", "inbound", json={"connection": NUMBER, "from": MARIA, "payload": payload})

    [message] = product.values("messages")
    assert {key: message[key] for key in payload} == payload


def test_what_the_product_refused_is_repeated_until_it_takes_it(api: Api, product: Product) -> None:
    product.answers[:] = [503]
    answer = api.write()

    assert (answer["delivered"], answer["status"]) == (False, 503)
    assert eventually(lambda: product.values("messages"))
    assert product.values("messages")[0]["id"] == answer["id"]


def test_a_forged_inbound_message_is_posted_with_a_wrong_signature(
    api: Api, product: Product
) -> None:
    api.control("POST", "faults", json={"provider": "whatsapp", "rules": [{"do": "bad_signature"}]})
    api.write()

    raw, headers = product.posts[0]
    right = hashlib.sha256(raw).hexdigest()
    assert headers["X-Hub-Signature-256"] != f"sha256={right}"
    assert api.control("GET", "faults")["faults"]["meta"][0]["fired"] == 1


def test_statuses_of_one_number_share_a_post(api: Api, product: Product) -> None:
    api.control("POST", "settings", json={"delays": {"sent": 0.3, "delivered": 9, "read": 9}})
    api.write()
    product.posts.clear()
    for index in range(30):
        api.send(str(index))

    assert eventually(lambda: len(product.values("statuses")) == 30)
    assert len(product.posts) < 30


@pytest.mark.parametrize(
    "data",
    [
        {"connection": "1", "from": MARIA, "text": "x"},
        {"connection": NUMBER, "from": "12", "text": "x"},
        {"connection": NUMBER, "from": MARIA},
        {"connection": NUMBER, "from": MARIA, "media": {"kind": "hologram"}},
        {"provider": "fax", "connection": NUMBER, "from": MARIA, "text": "x"},
    ],
)
def test_an_impossible_inbound_request_is_refused(api: Api, data: dict[str, Any]) -> None:
    assert api.http.post("/_sandbox/inbound", json=data).status_code == 400


def test_subscribing_an_address_shakes_hands_with_it(api: Api, product: Product) -> None:
    path, url = f"{WABA}/subscribed_apps", product.url + "token/"
    wrong = api.graph("POST", path, json={"override_callback_uri": url, "verify_token": "x"})
    right = api.graph(
        "POST", path, json={"override_callback_uri": url, "verify_token": "verify-me"}
    )

    assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, 2200)
    assert right.json() == {"success": True}
    assert api.graph("GET", path).json()["data"][0]["override_callback_uri"] == url


def test_an_unsubscribed_account_gets_nothing(api: Api, product: Product) -> None:
    api.graph("DELETE", f"{WABA}/subscribed_apps")

    assert api.write()["status"] == 0
    assert product.posts == []


def test_debug_token_tells_expiry_and_validity(api: Api) -> None:
    api.control("POST", "accounts", json={"waba_id": WABA, "tokens": {"old": 1}})

    def valid(token: str) -> bool:
        answer = api.graph("GET", "debug_token", params={"input_token": token}).json()
        return bool(answer["data"]["is_valid"])

    assert [valid(token) for token in ("sandbox-token", "old", "unknown")] == [True, False, False]
