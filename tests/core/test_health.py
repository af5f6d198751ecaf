from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import RequestFactory
from django.urls import resolve

from core import health, heartbeat

ADDRESSES = "core.urls"


@pytest.fixture(autouse=True)
def fresh(settings: Any) -> None:
    settings.HEARTBEATS = {"scan": 15.0, "worker:default": 15.0}
    health._readiness.clear()


def get(path: str, **extra: Any) -> Any:
    return resolve(path, ADDRESSES).func(RequestFactory().get(path, **extra))


@pytest.mark.parametrize("path", ["/health", "/_health"])
def test_being_alive_needs_nobody(no_redis: None, path: str) -> None:
    response = get(path)  # and no database: pytest forbids it here
    assert (response.status_code, response.content) == (200, b'{"status": "ok"}')


def states(response: Any) -> dict[str, str]:
    checks: dict[str, str] = json.loads(response.content)["checks"]
    return checks


def test_ready_when_everything_answers(db: None, clean_redis: None) -> None:
    heartbeat.beat("scan")
    heartbeat.beat("worker:default")
    response = get("/health/ready")
    assert response.status_code == 200
    assert states(response) == {
        "postgres": "ok",
        "redis": "ok",
        "scan": "ok",
        "worker:default": "ok",
    }


def test_who_has_gone_quiet_is_named(db: None, clean_redis: None, time_machine: Any) -> None:
    time_machine.move_to(1_800_000_000)
    heartbeat.beat("scan")
    time_machine.move_to(1_800_000_016)
    heartbeat.beat("worker:default")
    response = get("/health/ready")
    assert response.status_code == 503
    assert [name for name, state in states(response).items() if state == "down"] == ["scan"]


def test_without_redis_nobody_can_be_heard(db: None, no_redis: None) -> None:
    response = get("/health/ready")
    assert response.status_code == 503
    assert states(response)["postgres"] == "ok"
    assert states(response)["redis"] == states(response)["scan"] == "down"


def test_without_the_database_it_is_not_ready_and_says_no_more(
    db: None, clean_redis: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise DatabaseError("CANARY at db.internal")

    with monkeypatch.context() as outage:
        outage.setattr(connection, "cursor", fail)
        response = get("/health/ready")
    assert (response.status_code, states(response)["postgres"]) == (503, "down")
    assert b"CANARY" not in response.content


def test_the_answer_is_kept_for_a_second(
    db: None, clean_redis: None, django_assert_num_queries: Any
) -> None:
    get("/health/ready")
    with django_assert_num_queries(0):
        get("/health/ready")


@pytest.mark.parametrize(
    ("token", "extra", "status"),
    [
        ("", {"REMOTE_ADDR": "127.0.0.1"}, 200),
        ("", {"REMOTE_ADDR": "::1"}, 200),
        ("", {"REMOTE_ADDR": "10.0.0.7"}, 403),
        ("", {"REMOTE_ADDR": ""}, 403),
        ("", {"REMOTE_ADDR": "127.0.0.1", "headers": {"X-Forwarded-For": "8.8.8.8"}}, 403),
        ("t0k", {"REMOTE_ADDR": "127.0.0.1"}, 403),
        ("t0k", {"headers": {"Authorization": "Bearer wrong"}}, 403),
        ("t0k", {"REMOTE_ADDR": "8.8.8.8", "headers": {"Authorization": "Bearer t0k"}}, 200),
    ],
)
def test_metrics_are_private(settings: Any, token: str, extra: dict[str, Any], status: int) -> None:
    settings.METRICS_TOKEN = token
    assert get("/metrics", **extra).status_code == status
