from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.cache.backends.base import BaseCache

from core import cache as cache_module
from core import redis, scope
from core.cache import FallbackRedisCache, company_key, forget, remember, shared_key
from core.scope import CompanyRef


class Counted:
    """A computation that counts its runs."""

    def __init__(self, seconds: float = 0, error: type[Exception] | None = None) -> None:
        self.runs = 0
        self.seconds = seconds
        self.error = error
        self._lock = threading.Lock()

    def __call__(self) -> int:
        with self._lock:
            self.runs += 1
            run = self.runs
        time.sleep(self.seconds)
        if self.error is not None:
            raise self.error
        return run


@pytest.fixture(params=["redis", "memory"])
def anywhere(request: pytest.FixtureRequest) -> None:
    """The same promises hold with Redis and, within a process, without it."""
    request.getfixturevalue("clean_redis" if request.param == "redis" else "no_redis")
    cache_module._memory.clear()


def in_parallel(count: int, call: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(call) for _ in range(count)]]


@pytest.mark.usefixtures("anywhere")
class TestRemember:
    def test_a_value_is_computed_once_while_it_is_fresh(self) -> None:
        compute = Counted()
        assert [remember(shared_key("a"), 60, compute) for _ in range(3)] == [1, 1, 1]

    def test_none_is_a_value_too(self) -> None:
        runs: list[int] = []
        for _ in range(2):
            assert remember(shared_key("a"), 60, lambda: runs.append(1)) is None
        assert runs == [1]

    def test_it_is_computed_anew_when_its_time_is_over(self) -> None:
        compute = Counted()
        assert remember(shared_key("a"), 0.05, compute) == 1
        time.sleep(0.06)
        assert remember(shared_key("a"), 0.05, compute) == 2

    def test_of_many_that_come_at_once_one_computes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("core.cache.FOLLOWER_WAIT", 30.0)  # a busy machine is no reason to fail
        compute = Counted(seconds=0.1)
        assert in_parallel(8, lambda: remember(shared_key("a"), 60, compute)) == [1] * 8

    def test_what_is_forgotten_is_computed_anew(self) -> None:
        compute = Counted()
        remember(shared_key("a"), 60, compute)
        forget(shared_key("a"))
        assert remember(shared_key("a"), 60, compute) == 2

    def test_what_was_read_is_believed_for_a_moment_and_forgotten_at_once(self) -> None:
        values = iter(["old", "newer", "newest"])

        def asked() -> str:
            return remember(shared_key("a"), 0.001, lambda: next(values), believed=0.05)

        assert [asked(), asked()] == ["old", "old"]
        time.sleep(0.06)
        assert asked() == "newer"
        forget(shared_key("a"))
        assert asked() == "newest"

    def test_an_error_is_raised_and_not_remembered(self) -> None:
        failing = Counted(error=ZeroDivisionError)
        with pytest.raises(ZeroDivisionError):
            remember(shared_key("a"), 60, failing)
        started = time.monotonic()
        assert remember(shared_key("a"), 60, Counted()) == 1
        assert time.monotonic() - started < 0.5

    def test_companies_do_not_share_values(self, acme: CompanyRef, rival: CompanyRef) -> None:
        compute = Counted()
        found = []
        for company in (acme, rival, acme):
            with scope.opened(company):
                found.append(remember(company_key("a"), 60, compute))
        assert found == [1, 2, 1]


def test_while_one_computes_anew_the_others_get_the_old_value(clean_redis: None) -> None:
    remember(shared_key("a"), 0.01, lambda: "old")
    time.sleep(0.02)
    started, release = threading.Event(), threading.Event()

    def slow() -> str:
        started.set()
        release.wait(5)
        return "new"

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(remember, shared_key("a"), 60, slow)
        started.wait(5)
        assert remember(shared_key("a"), 60, Counted()) == "old"
        release.set()
        assert first.result() == "new"
    assert remember(shared_key("a"), 60, Counted()) == "new"


def test_a_result_computed_before_the_value_was_forgotten_is_not_stored(clean_redis: None) -> None:
    def compute() -> str:
        forget(shared_key("a"))  # something changed meanwhile
        return "outdated"

    assert remember(shared_key("a"), 60, compute) == "outdated"
    assert remember(shared_key("a"), 60, lambda: "new") == "new"


def test_who_waits_in_vain_computes_it_himself(
    clean_redis: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_module, "FOLLOWER_WAIT", 0.05)
    redis.client().set(f"{shared_key('a')}:lock", "somebody who was killed", px=10_000)
    assert remember(shared_key("a"), 60, Counted()) == 1


def test_every_key_says_whose_it_is(acme: CompanyRef, clean_redis: None) -> None:
    with scope.opened(acme):
        remember(company_key("list", 1), 60, Counted())
    remember(shared_key("plans"), 60, Counted())
    owners = {key.decode().split(":")[1] for key in redis.client().keys("*")}
    assert owners == {str(acme.id), "public"}


def test_a_company_key_outside_of_a_company_is_an_error() -> None:
    with pytest.raises(scope.OutsideCompany):
        company_key("a")


def test_parts_of_a_key_cannot_run_into_each_other() -> None:
    assert shared_key("a:b", "c") != shared_key("a", "b:c")


def test_a_key_made_by_hand_is_refused() -> None:
    with pytest.raises(TypeError):
        remember("mine", 60, Counted())  # type: ignore[arg-type]


@pytest.fixture
def backend(settings: Any) -> FallbackRedisCache:
    return FallbackRedisCache(settings.REDIS_URL, {"KEY_FUNCTION": "core.cache.make_key"})


class TestBackend:
    def test_it_does_what_a_django_cache_does(self, clean_redis: None, backend: BaseCache) -> None:
        self.exercise(backend)

    def test_it_does_so_from_memory_while_redis_is_away(self, no_redis: None) -> None:
        self.exercise(FallbackRedisCache("redis://127.0.0.1:1/0", {}))

    def exercise(self, backend: BaseCache) -> None:
        backend.set("a", {"x": 1}, 30)
        assert (backend.get("a"), backend.get("b", "none")) == ({"x": 1}, "none")
        assert (backend.add("a", 2), backend.add("n", 1)) == (False, True)
        assert (backend.incr("n"), backend.decr("n")) == (2, 1)
        assert (backend.has_key("a"), "b" in backend) == (True, False)
        assert backend.get_or_set("c", lambda: 3) == 3
        backend.set_many({"d": 4, "e": 5})
        backend.delete_many(["d"])
        assert backend.get_many(["d", "e"]) == {"e": 5}
        assert (backend.delete("a"), backend.touch("a")) == (True, False)
        with pytest.raises(ValueError):
            backend.incr("missing")
        backend.clear()
        assert backend.get("e") is None

    def test_companies_do_not_share_values(
        self, clean_redis: None, backend: BaseCache, acme: CompanyRef, rival: CompanyRef
    ) -> None:
        with scope.opened(acme):
            backend.set("a", 1)
        with scope.opened(rival):
            assert backend.get("a") is None
        assert backend.get("a") is None

    def test_clearing_leaves_the_rest_of_redis_alone(
        self, clean_redis: None, backend: BaseCache
    ) -> None:
        redis.client().set("live:x", "1")
        backend.set("a", 1)
        backend.clear()
        assert redis.client().keys("*") == [b"live:x"]

    def test_memory_starts_empty_at_each_outage(
        self, clean_redis: None, backend: BaseCache, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(operation: Any) -> Any:
            raise redis.Away

        with monkeypatch.context() as outage:
            outage.setattr(redis, "ask", away)
            backend.set("a", "of the first outage")
        assert backend.get("a") is None
        monkeypatch.setattr(redis, "ask", away)
        assert backend.get("a") is None

    @pytest.mark.parametrize(
        "name",
        [name for name in dir(BaseCache) if name.startswith("a") and name[1:] in dir(BaseCache)],
    )
    def test_async_use_is_refused(self, backend: BaseCache, name: str) -> None:
        async def use() -> None:
            await getattr(backend, name)("key", "value")

        with pytest.raises(RuntimeError, match="synchronous"):
            asyncio.run(use())
