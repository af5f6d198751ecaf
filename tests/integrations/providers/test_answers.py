"""Answers of other systems, as far as we can keep them."""

import pytest

from core.http import Response
from integrations.providers.answers import data_of, seconds_asked
from integrations.providers.base import Refused, Unreachable


def answer(content: bytes = b"{}", **headers: str) -> Response:
    return Response(
        200, {name.replace("_", "-"): value for name, value in headers.items()}, content
    )


@pytest.mark.parametrize("content", [b"", b"<html>", b"[1]", b"null"])
def test_what_is_no_object_makes_no_sense(content: bytes) -> None:
    with pytest.raises(Unreachable):
        data_of(answer(content))


def test_characters_that_cannot_be_kept_are_left_out_at_any_depth() -> None:
    content = rb'{"a\u0000": [{"b": "x\u0000y", "c": "\ud800z"}], "n": 1}'
    assert data_of(answer(content)) == {"a": [{"b": "xy", "c": "?z"}], "n": 1}
    assert Refused("refused", "a\0b").detail == "ab"


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("", 2.0), ("30", 30.0), ("0", 1.0), ("9" * 30, 3600.0), ("\u00b2", 2.0), ("soon", 2.0)],
)
def test_who_asks_to_wait_is_waited_for_an_hour_at_most(told: str, seconds: float) -> None:
    assert seconds_asked(answer(Retry_After=told), 2.0) == seconds
