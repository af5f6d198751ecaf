"""Slots: waiting costs none, one too many is told so, and who bounds its own work passes."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest

from core import bodies
from core.slots import Slots


class Half:
    """A body whose sender stops in the middle, until it is let go."""

    def __init__(self) -> None:
        self.is_read, self.go_on = threading.Event(), threading.Event()

    def read(self, size: int = -1) -> bytes:
        self.is_read.set()
        assert self.go_on.wait(5)
        return b"x" * size


class Work:
    """Counts who is worked on at once, and holds them until they are let go."""

    def __init__(self) -> None:
        self.at_once = self.most = 0
        self.bodies: list[bytes] = []
        self.go_on = threading.Event()
        self.lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        with self.lock:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        assert self.go_on.wait(5)
        self.bodies.append(environ["wsgi.input"].read())
        with self.lock:
            self.at_once -= 1
        start("200 OK", [])
        return [b"done"]


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(20) as pool:
        yield pool


def ask(application: Slots, path: str = "/", body: Any = b"", **more: str) -> str:
    """The status line of an answer."""
    seen: list[str] = []
    stream = BytesIO(body) if isinstance(body, bytes) else body
    length = str(len(body)) if isinstance(body, bytes) else "9"
    environ = {"PATH_INFO": path, "wsgi.input": stream, "CONTENT_LENGTH": length, **more}
    list(application(environ, lambda status, headers: seen.append(status)))
    return seen[0]


def until(is_so: Callable[[], bool]) -> None:
    for _ in range(5000):
        if is_so():
            return
        threading.Event().wait(0.001)
    raise AssertionError("it does not come so far")


def test_no_more_are_worked_on_than_there_are_slots(
    work: Work, threads: ThreadPoolExecutor
) -> None:
    application = Slots(work, slots=2, most=20)
    asked = [threads.submit(ask, application, body=b"%d" % n) for n in range(6)]
    until(lambda: application._here == 6)
    work.go_on.set()
    assert {one.result(5) for one in asked} == {"200 OK"}
    assert work.most == 2
    assert sorted(work.bodies) == [b"0", b"1", b"2", b"3", b"4", b"5"]


def test_who_sends_too_slowly_is_told_so_and_gone(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "SECONDS", -1.0)
    application = Slots(work, slots=1, most=20)
    assert ask(application, body=b"x" * 200) == "408 Request Timeout"
    assert (application._here, work.most) == (0, 0)


def test_half_requests_take_no_slot(work: Work, threads: ThreadPoolExecutor) -> None:
    application = Slots(work, slots=1, most=20)
    halves = [Half() for _ in range(5)]
    slow = [threads.submit(ask, application, body=half) for half in halves]
    assert all(half.is_read.wait(5) for half in halves)
    work.go_on.set()
    assert ask(application, body=b"whole") == "200 OK"
    for half in halves:
        half.go_on.set()
    assert {one.result(5) for one in slow} == {"200 OK"}


@pytest.mark.parametrize(
    "more", [{"CONTENT_LENGTH": "99999999"}, {"HTTP_TRANSFER_ENCODING": "chunked"}]
)
def test_uploads_leave_slots_to_others(
    work: Work, threads: ThreadPoolExecutor, more: dict[str, str]
) -> None:
    application = Slots(work, slots=4, most=20)
    uploads = [threads.submit(ask, application, **more) for _ in range(6)]
    pages = [threads.submit(ask, application) for _ in range(2)]
    until(lambda: work.at_once == 4)
    work.go_on.set()
    assert {one.result(5) for one in (*uploads, *pages)} == {"200 OK"}


def test_one_too_many_is_told_to_come_again(work: Work, threads: ThreadPoolExecutor) -> None:
    application = Slots(work, slots=1, most=3)
    asked: list[Future[str]] = [threads.submit(ask, application) for _ in range(3)]
    until(lambda: application._here == 3)
    assert ask(application) == "503 Service Unavailable"
    assert ask(application, "/webhooks/meta/") == "503 Service Unavailable"
    work.go_on.set()
    assert {one.result(5) for one in asked} == {"200 OK"}
    assert ask(application) == "200 OK"


def test_callbacks_pass_while_every_slot_is_taken(work: Work, threads: ThreadPoolExecutor) -> None:
    application = Slots(work, slots=1, most=20, passing=("/webhooks/",))
    pages = [threads.submit(ask, application) for _ in range(3)]
    until(lambda: work.at_once == 1)
    callback = threads.submit(ask, application, "/webhooks/meta/")
    until(lambda: work.at_once == 2)
    work.go_on.set()
    assert {one.result(5) for one in (*pages, callback)} == {"200 OK"}


def test_a_request_that_fails_gives_its_slot_back() -> None:
    def fails(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        raise RuntimeError

    application = Slots(fails, slots=1, most=1)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            ask(application)
