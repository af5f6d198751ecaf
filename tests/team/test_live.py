"""`/live` says what the socket would have said, to those who may hear it."""

from collections.abc import Iterator
from typing import Any

import pytest

from core import realtime, topics
from core.scope import opened
from team.models import Member
from team.notifications import topic_of
from tenants.enums import Role
from tenants.models import Company
from tests.conftest import make_member


@pytest.fixture
def secret_topic() -> Iterator[str]:
    topics.register("secret", lambda member, _id: member.role == Role.OWNER)
    yield "secret"
    del topics._checks["secret"]


def push(company: Company, topic: str, capture: Any) -> None:
    with capture(execute=True):
        realtime.push(company.pk, topic, "happened", "7")


def live(client: Any, since: str | None, *wanted: str) -> dict[str, Any]:
    query = {"topics": ",".join(wanted), **({"since": since} if since else {})}
    answer: dict[str, Any] = client.get("/c/aurora/live", query).json()
    return answer


def test_what_happened_since_the_cursor_comes_once(
    aurora: Company, client_for: Any, secret_topic: str, django_capture_on_commit_callbacks: Any
) -> None:
    client = client_for(aurora)
    start = live(client, None, secret_topic)
    push(aurora, secret_topic, django_capture_on_commit_callbacks)
    first = live(client, start["cursor"], secret_topic)
    assert first["events"] == [{"topic": "secret", "event": "happened", "id": "7"}]
    assert first["reset"] is False
    assert live(client, first["cursor"], secret_topic)["events"] == []


def test_topics_one_may_not_hear_are_silent(
    aurora: Company,
    boreal: Company,
    client_for: Any,
    secret_topic: str,
    django_capture_on_commit_callbacks: Any,
) -> None:
    agent, stranger = client_for(aurora, Role.AGENT), client_for(boreal)
    start = live(agent, None, secret_topic)["cursor"]
    push(aurora, secret_topic, django_capture_on_commit_callbacks)
    assert live(agent, start, secret_topic, "no-such-topic")["events"] == []
    assert (
        stranger.get("/c/boreal/live", {"since": start, "topics": secret_topic}).json()["events"]
        == []
    )


def test_nobody_hears_anothers_bell(
    aurora: Company, client_for: Any, django_capture_on_commit_callbacks: Any
) -> None:
    person = make_member(aurora, Role.OWNER)
    with opened(aurora):
        topic = topic_of(Member.objects.get(person_id=person.pk).pk)
    start = live(client_for(aurora), None, topic)["cursor"]
    push(aurora, topic, django_capture_on_commit_callbacks)
    assert len(live(client_for(aurora, Role.OWNER), start, topic)["events"]) == 1
    assert live(client_for(aurora, Role.ADMIN), start, topic)["events"] == []


def test_a_nonsense_cursor_means_fetch_everything_anew(aurora: Company, client_for: Any) -> None:
    assert live(client_for(aurora), "nonsense")["reset"] is True
