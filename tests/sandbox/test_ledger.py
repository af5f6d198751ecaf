"""The ledger keeps order, filters, and survives a restart; so do accounts and chats."""

from __future__ import annotations

from pathlib import Path

from sandbox.testing import start
from tests.sandbox.conftest import MARIA, NUMBER, Api


def test_entries_are_numbered_in_order_and_read_on_by_cursor(api: Api) -> None:
    api.write()
    for text in "abc":
        api.send(text, biz_opaque_callback_data=text)
    first = api.control("GET", "ledger", params={"limit": 2})
    rest = api.control("GET", "ledger", params={"since": first["next"]})

    keys = [entry["key"] for answer in (first, rest) for entry in answer["results"]]
    numbers = [entry["seq"] for answer in (first, rest) for entry in answer["results"]]
    assert keys == ["a", "b", "c"]
    assert numbers == sorted(set(numbers))


def test_the_ledger_is_read_from_a_time_on(api: Api) -> None:
    api.write()
    api.send("a")
    [entry] = api.ledger()

    assert len(api.ledger(since=entry["at"])) == 1
    assert api.ledger(since="2999-01-01T00:00:00+00:00") == []


def test_filters_by_recipient_fold_the_ninth_digit(api: Api) -> None:
    api.write()
    api.send("a")
    api.send_template("hello_world", language="en_US")

    assert len(api.ledger(recipient="551187654321")) == 2
    assert api.ledger(recipient="5511900000000") == []
    assert api.ledger(connection="1") == []


def test_a_reset_wipes_what_was_accepted(api: Api) -> None:
    api.write()
    api.send("a")
    api.control("POST", "reset")

    assert api.ledger() == []


def test_a_restart_loses_neither_ledger_nor_chat_nor_account(tmp_path: Path) -> None:
    with start(state_dir=tmp_path) as sandbox:
        api = Api(sandbox)
        api.write("Oi", name="Maria")
        api.send("Olá")
        api.control("POST", "accounts", json={"waba_id": "77", "token": "t77"})
        before = api.ledger()
    with start(state_dir=tmp_path) as sandbox:
        api = Api(sandbox)
        query = {"connection": NUMBER, "contact": MARIA}
        chat = api.control("GET", "phone/messages", params=query)

        assert api.ledger() == before
        assert [one["text"] for one in chat["results"]] == ["Oi", "Olá"]
        assert api.graph("GET", "77", token="t77").status_code == 200
        assert api.send("ainda na janela").status_code == 200
