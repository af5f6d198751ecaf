"""Each fault: what the caller sees, and whether the message counts as accepted."""

from __future__ import annotations

import hashlib
import hmac

import httpx
import pytest

from tests.sandbox.conftest import MARIA, Api, Product, eventually


@pytest.fixture(autouse=True)
def open_window(api: Api) -> None:
    api.write()


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [("429", 429, 130429), ("500_json", 500, 131000), ("error:131031", 403, 131031)],
)
def test_a_refusal_with_an_error_body_is_not_accepted(
    api: Api, fault: str, status: int, code: int
) -> None:
    api.arm(fault)
    answer = api.send()

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert api.ledger() == []


def test_too_many_requests_say_when_to_come_back(api: Api) -> None:
    api.arm("429", retry_after=3)

    assert api.send().headers["Retry-After"] == "3"


@pytest.mark.parametrize(
    ("fault", "accepted"), [("reset_before_read", 0), ("reset_after_read", 1), ("half_body", 1)]
)
def test_a_broken_connection_leaves_no_answer(api: Api, fault: str, accepted: int) -> None:
    api.arm(fault)

    with pytest.raises(httpx.TransportError):
        api.send()
    assert len(api.ledger()) == accepted


def test_a_hanging_answer_is_accepted_and_never_comes(api: Api) -> None:
    api.arm("hang")

    with pytest.raises(httpx.ReadTimeout):
        api.http.post(
            f"{api.sandbox.graph}/106540352242922/messages",
            headers={"Authorization": "Bearer sandbox-token"},
            json={"messaging_product": "whatsapp", "to": MARIA, "text": {"body": "x"}},
            timeout=0.3,
        )
    assert len(api.ledger()) == 1


def test_a_slow_answer_is_right_but_late(api: Api) -> None:
    api.arm("slow", seconds=0.3)
    answer = api.send()

    assert answer.elapsed.total_seconds() >= 0.3
    assert answer.json()["messages"][0]["id"] == api.ledger()[0]["wamid"]


@pytest.mark.parametrize(("fault", "status"), [("500_html", 500), ("200_no_id", 200)])
def test_an_answer_without_an_id_hides_an_accepted_message(
    api: Api, product: Product, fault: str, status: int
) -> None:
    api.arm(fault)
    answer = api.send(biz_opaque_callback_data="hidden")

    assert answer.status_code == status
    assert "wamid" not in answer.text
    [entry] = api.ledger()
    assert eventually(lambda: "read" in product.statuses(entry["wamid"]))


def test_statuses_can_be_doubled_dropped_and_shuffled(api: Api, product: Product) -> None:
    orders = {}
    for fault in ("dup_status", "drop_status", "shuffle_status"):
        api.arm(fault, times=1)
        orders[fault] = api.send().json()["messages"][0]["id"]
    last = api.send().json()["messages"][0]["id"]
    assert eventually(lambda: len(product.statuses(last)) == 3)
    assert eventually(lambda: len(product.statuses(orders["dup_status"])) == 6)

    doubled = sorted(product.statuses(orders["dup_status"]))
    assert doubled == ["delivered", "delivered", "read", "read", "sent", "sent"]
    assert product.statuses(orders["drop_status"]) == []
    assert product.statuses(orders["shuffle_status"]) == ["read", "delivered", "sent"]


def test_a_status_can_arrive_before_the_answer(api: Api, product: Product) -> None:
    api.arm("status_before_response")
    wamid = api.send().json()["messages"][0]["id"]

    assert product.statuses(wamid)[:1] == ["sent"]


def test_a_forged_webhook_carries_a_wrong_signature_and_is_not_repeated(
    api: Api, product: Product
) -> None:
    product.answers[:] = [401, 401, 401]
    api.arm("bad_signature")
    api.send()

    assert eventually(lambda: product.answers == [])
    assert eventually(lambda: api.control("GET", "webhooks")["pending"] == 0)
    assert product.posts == []


def test_every_other_webhook_is_signed_over_its_raw_bytes(api: Api, product: Product) -> None:
    api.send("ação 😀")
    assert eventually(lambda: product.posts)

    raw, headers = product.posts[0]
    expected = hmac.new(b"sandbox-app-secret", raw, hashlib.sha256).hexdigest()
    assert headers["X-Hub-Signature-256"] == f"sha256={expected}"


def test_a_message_can_be_accepted_and_fail_later(api: Api, product: Product) -> None:
    api.arm("fail:131049")
    wamid = api.send().json()["messages"][0]["id"]

    assert eventually(lambda: product.statuses(wamid)) == ["failed"]
    assert product.values("statuses")[0]["errors"][0]["code"] == 131049


@pytest.mark.parametrize(
    ("when", "struck"),
    [
        ({"recipient": "551187654321"}, True),
        ({"recipient": "5511911112222"}, False),
        ({"connection": "106540352242922", "type": "text"}, True),
        ({"type": ["image", "template"]}, False),
        ({"text_contains": "promoção"}, True),
        ({"method": "GET"}, False),
        ({"path": "/graph/*/messages"}, True),
    ],
)
def test_conditions_decide_which_requests_are_struck(
    api: Api, when: dict[str, object], struck: bool
) -> None:
    api.arm("429", when=when)

    assert (api.send("a promoção de hoje").status_code == 429) is struck


def test_a_fault_strikes_as_often_as_it_says(api: Api) -> None:
    api.arm("429", times=2)

    assert [api.send().status_code for _ in range(3)] == [429, 429, 200]
    [rule] = api.control("GET", "faults")["faults"]["meta"]
    assert (rule["fired"], rule["left"]) == (2, 0)


def test_a_fault_strikes_at_its_rate(api: Api) -> None:
    api.arm("429", rate=0.5)
    answers = [api.send().status_code for _ in range(60)]

    assert 15 < answers.count(429) < 45


def test_an_unknown_fault_is_refused(api: Api) -> None:
    rules = [{"do": "explode"}]
    answer = api.http.post("/_sandbox/faults", json={"provider": "meta", "rules": rules})

    assert answer.status_code == 400
    assert api.control("GET", "faults") == {"faults": {}}


def test_disarming_ends_every_fault(api: Api) -> None:
    api.arm("429")
    api.control("DELETE", "faults")

    assert api.send().status_code == 200
