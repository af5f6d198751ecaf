from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from core.logging import logging_config, mask, mask_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer ***"),
        ("key Api-Key mia_live_abcd1234_secret", "key Api-Key ***"),
        ("GET /x?access_token=EAAGabc&y=1", "GET /x?access_token=***&y=1"),
        ("POST /webhooks/meta/Tok3n-x_y/", "POST /webhooks/meta/***/"),
        ("GET /accounts/confirm-email/MQ:1abc:Xy-z/", "GET /accounts/confirm-email/***/"),
        ("GET /a/password/reset/key/1-c0ffee-12ab/", "GET /a/password/reset/key/***/"),
        ("GET /invitations/mia_inv_0a/?proof=aB-1", "GET /invitations/***/?proof=***"),
        ('{"password": "hunter2", "a": 1}', '{"password": "***", "a": 1}'),
        ("token EAAGm0PX4ZCpsBAKZCkpZBZAZC9 refused", "token *** refused"),
        ("redis://user:pass@host:6379/0", "redis://***@host:6379/0"),
        ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_1", "jwt ***"),
        ("X-Hub-Signature-256: sha256=abcdef", "X-Hub-Signature-256: ***"),
        ("sealed v1.k1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "sealed ***"),
        ("to +55 (11) 99999-1234 now", "to ***1234 now"),
        ("to 5511999991234", "to ***1234"),
        ("to 5511999991234@s.whatsapp.net", "to 5***@s.whatsapp.net"),
        ("ana.souza@example.com wrote", "a***@example.com wrote"),
    ],
)
def test_secrets_and_people_are_masked_in_text(text: str, shown: str) -> None:
    assert mask_text(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "took 12.345 s for 2000 rows",
        "at 2026-11-21T08:45:13.123456Z",
        "message 01a1fd48-5292-778c-b554-90d4b874e852",
        "schema c_01a1fd485292778cb55490d4b874e852",
        "GET /c/aurora/webhooks/01a1fd48-5292-778c-b554-90d4b874e852/process/",
        "id msg_0bKx7n42DGM5Tflk9n8mt7",
        "port 5432 on 127.0.0.1",
    ],
)
def test_times_ids_and_counters_stay_readable(text: str) -> None:
    assert mask_text(text) == text


def test_fields_are_masked_by_name_at_any_depth() -> None:
    given = {
        "url": "/x",
        "headers": {"Authorization": "x", "Accept": "json"},
        "rows": [{"access_token": "x"}, {"phone": "5511999991234"}],
        "number": 5511999991234,
        "count": 12,
        "body": b"secret",
        "password": "",
    }
    assert mask(given) == {
        "url": "/x",
        "headers": {"Authorization": "***", "Accept": "json"},
        "rows": [{"access_token": "***"}, {"phone": "***1234"}],
        "number": "***1234",
        "count": 12,
        "body": "<6 bytes>",
        "password": "",
    }


def test_endless_nesting_ends() -> None:
    nested: dict[str, Any] = {}
    nested["self"] = nested
    assert "…" in json.dumps(mask(nested), ensure_ascii=False)


@pytest.fixture
def written() -> Iterator[Callable[[], list[str]]]:
    """What a logger of ours writes with our configuration, line by line."""
    formatter = dict(logging_config(debug=False)["formatters"]["structured"])
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter.pop("()")(**formatter))
    logger = logging.getLogger("core.x")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    yield lambda: stream.getvalue().splitlines()
    logger.removeHandler(handler)
    logger.propagate = True
    structlog.reset_defaults()


def test_each_event_is_one_json_line_and_line_breaks_cannot_forge_another(
    written: Callable[[], list[str]],
) -> None:
    logging.getLogger("core.x").info('hello\n{"event": "forged"} %s', "a\r\nb")
    (line,) = written()
    record = json.loads(line)
    assert record["event"] == 'hello\\n{"event": "forged"} a\\r\\nb'
    assert (record["level"], record["logger"]) == ("info", "core.x")


def test_a_traceback_is_masked_too(written: Callable[[], list[str]]) -> None:
    try:
        raise ValueError("Bearer abcdef123456")
    except ValueError:
        logging.getLogger("core.x").exception("failed")
    (line,) = written()
    assert "abcdef123456" not in line
    assert "ValueError: Bearer ***" in json.loads(line)["exception"]


def test_structlog_and_bound_values_take_the_same_way(written: Callable[[], list[str]]) -> None:
    with structlog.contextvars.bound_contextvars(request_id="req-1"):
        structlog.get_logger("core.x").warning("sent", to="+5511999991234", token="abc")
    (line,) = written()
    record = json.loads(line)
    assert (record["to"], record["token"], record["request_id"]) == ("***1234", "***", "req-1")


def test_it_is_quiet_unless_debug_asks() -> None:
    quiet, loud = logging_config(debug=False), logging_config(debug=True)
    assert [config["root"]["level"] for config in (quiet, loud)] == ["WARNING", "INFO"]
    assert [config["loggers"]["core"]["level"] for config in (quiet, loud)] == ["INFO", "DEBUG"]
    assert quiet["loggers"]["django.request"]["level"] == "ERROR"
