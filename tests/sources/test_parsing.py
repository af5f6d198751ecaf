"""Whatever is posted: data where PostgreSQL can hold it, a reason where it cannot, never an error.

What else can be posted; the cases of JSONTestSuite stand in `test_json_suite.py`.
"""

import json
from typing import Any

import pytest

from tenants.models import Company
from tests.sources import posting
from webhooks.ingress import addresses
from webhooks.sources import parsing
from webhooks.sources.enums import ReceivedState
from webhooks.sources.models import Received, Source

JSON = "application/json"
REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "spaces": (b" \n\t ", "empty"),
    "null": (b"null", "empty"),
    "NUL escaped": (b'{"a": "x\\u0000y"}', "bad_character"),
    "NUL in a key": (b'{"a\\u0000": 1}', "bad_character"),
    "lone surrogate": (b'["\\ud800"]', "bad_character"),
    "surrogates swapped": (b'["\\udc00\\ud800"]', "bad_character"),
    "1e400": (b"[1e400]", "too_big_number"),
    "-1e999": (b'{"n": -1e999}', "too_big_number"),
    "5000 digits": (b"[" + b"1" * 5000 + b"]", "too_big_number"),
    "NaN": (b"[NaN]", "not_json"),
    "Infinity": (b"[-Infinity]", "not_json"),
    "100k arrays": (b"[" * 100_000 + b"]" * 100_000, "too_deep"),
    "100k objects": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "too_deep"),
    "open arrays": (b"[" * 100_000, "too_deep"),
    "200 deep": (b"[" * 200 + b"]" * 200, "too_deep"),
    "invalid UTF-8": (b'["\xff\xfe"]', "not_text"),
    "overlong UTF-8": (b'["\xc0\xaf"]', "not_text"),
    "UTF-16": ('["é"]'.encode("utf-16"), "not_text"),
    "trailing comma": (b"[1,]", "not_json"),
    "single quotes": (b"{'a': 1}", "not_json"),
    "leading zero": (b"[012]", "not_json"),
    "bare word": (b"hello", "not_json"),
    "unclosed": (b'{"a": ', "not_json"),
    "raw newline in text": (b'["a\nb"]', "not_json"),
}
TAKEN: dict[str, tuple[bytes, Any]] = {
    "byte order mark": (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
    "emoji escaped": (b'["\\ud83d\\ude00"]', ["😀"]),
    "same key twice": (b'{"a": 1, "a": 2}', {"a": 2}),
    "scalar": (b"42", 42),
    "false": (b"false", False),
    "long integer": (b"[" + b"9" * 4000 + b"]", [int("9" * 4000)]),
    "tiny number": (b"[1e-400]", [0.0]),
    "99 deep": (b"[" * 99 + b"]" * 99, json.loads("[" * 99 + "]" * 99)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_held_says_why(name: str) -> None:
    body, why = REFUSED[name]
    assert parsing.read(body, JSON) == parsing.Parsed(None, why)


@pytest.mark.parametrize("name", TAKEN)
def test_what_can_be_held_is(name: str) -> None:
    body, data = TAKEN[name]
    assert parsing.read(body, JSON) == parsing.Parsed(data)


def test_forms_are_data() -> None:
    form = "application/x-www-form-urlencoded; charset=utf-8"
    told = parsing.read(b"nome=Ana+Lu%C3%ADsa&tag=a&tag=b&vazio=", form)
    assert told.data == {"nome": "Ana Luísa", "tag": ["a", "b"], "vazio": ""}
    assert parsing.read(b"a=%FF", form).why == "not_text"
    assert parsing.read(b"a=%00", form).why == "bad_character"
    assert parsing.read(b"&".join([b"a=1"] * 3000), form).why == "not_a_form"


def test_multipart_keeps_its_fields_and_names_its_files() -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\nana@example.com\r\n'
        b'--x\r\nContent-Disposition: form-data; name="cv"; filename="cv.pdf"\r\n'
        b"Content-Type: application/pdf\r\n\r\n%PDF\r\n--x--\r\n"
    )
    told = parsing.read(body, "multipart/form-data; boundary=x")
    assert told.data == {"email": "ana@example.com", "cv": "cv.pdf (4)"}
    assert parsing.read(body, "multipart/form-data").why == "not_a_form"


def test_other_kinds_stay_bytes() -> None:
    assert parsing.read(b"<order/>", "application/xml").why == "other_kind"
    assert parsing.read(b'{"a": 1}', "text/plain").data == {"a": 1}


def test_all_of_it_is_accepted_and_comes_back_byte_for_byte(
    company: Company, source: Source
) -> None:
    addresses._remembered.clear()
    bodies = [body for body, _ in (*REFUSED.values(), *TAKEN.values())]
    assert {posting.post(source, body).status_code for body in bodies} == {200}
    posting.work(company)

    kept = {bytes(row.raw) for row in Received.objects.all()}
    assert kept == set(bodies)
    assert not Received.objects.filter(state=ReceivedState.DEAD).exists()
    assert not Received.objects.filter(state=ReceivedState.RETRY).exists()
