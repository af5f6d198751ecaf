from __future__ import annotations

import pytest

from core import topics


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "_checks", {})


def test_the_check_gets_the_member_and_what_stands_after_the_colon() -> None:
    topics.register("campaign", lambda member, object_id: (member, object_id) == ("ana", "cmp_1:x"))
    assert topics.allowed("ana", "campaign:cmp_1:x") is True
    assert topics.allowed("bob", "campaign:cmp_1:x") is False


def test_nobody_may_listen_to_what_nobody_declared() -> None:
    assert topics.allowed("ana", "campaign:cmp_1") is False


def test_the_allowed_ones_are_kept() -> None:
    topics.register("inbox", lambda member, object_id: True)
    topics.register("audit", lambda member, object_id: False)
    assert topics.allowed_of("ana", ["inbox", "audit", "other"]) == {"inbox"}


def test_a_name_is_declared_once_and_has_no_colon() -> None:
    topics.register("inbox", lambda member, object_id: True)
    for name in ("inbox", "a:b"):
        with pytest.raises(ValueError):
            topics.register(name, lambda member, object_id: True)
