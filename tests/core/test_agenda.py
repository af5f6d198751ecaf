"""Due work is found when its time comes, whatever became of its hint."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.utils import timezone

from core import agenda
from core.agenda import hints, kinds, rows, scanner, slices
from core.models import AgendaRow
from tenants.models import Company

Capture = Callable[..., AbstractContextManager[list]]


class Work:
    """A kind of work whose rows are a dict in memory."""

    def __init__(self) -> None:
        self.todo: dict[str, datetime] = {}
        self.done: list[str] = []
        self.hinted: list[str] = []
        self.broker_is_up = True

    def handle(self, key: str) -> None:
        if self.todo.get(key, timezone.now()) <= timezone.now() and key in self.todo:
            del self.todo[key]
            self.done.append(key)

    def due(self, key: str | None) -> list[tuple[str, datetime]]:
        return [(name, at) for name, at in self.todo.items() if key in (None, name)]

    def hint(self, schema: str, kind: str, key: str, *, queue: str) -> bool:
        self.hinted.append(key)
        return self.broker_is_up


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch, company: Company) -> Iterator[Work]:
    """The only kind there is; nothing is due of what a company is born with."""
    AgendaRow.objects.all().delete()
    work = Work()
    registry: dict[str, agenda.Kind] = {}
    for module in (kinds, rows, scanner, hints):
        monkeypatch.setattr(module, "registered", registry)
    for module in (rows, scanner):
        monkeypatch.setattr(module, "hint", work.hint)
    agenda.register(agenda.Kind(name="test.work", handle=work.handle, due=work.due))
    return work


def let_time_pass(seconds: float) -> None:
    for row in AgendaRow.objects.all():
        AgendaRow.objects.filter(pk=row.pk).update(due_at=row.due_at - timedelta(seconds=seconds))


def test_work_that_is_due_now_is_hinted_after_the_commit(
    company: Company, work: Work, django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        agenda.append("test.work", "a")
        assert work.hinted == []
    assert work.hinted == ["a"]
    assert AgendaRow.objects.get().is_follow_up


def test_a_lost_hint_is_repeated_until_the_rows_are_done(
    company: Company, work: Work, django_capture_on_commit_callbacks: Capture
) -> None:
    work.todo["a"] = timezone.now()
    with django_capture_on_commit_callbacks(execute=True):
        agenda.append("test.work", "a")
    let_time_pass(10)
    scanner.scan_once()
    assert work.hinted == ["a", "a"]
    work.handle("a")
    let_time_pass(10)
    scanner.scan_once()
    assert work.hinted == ["a", "a"]
    assert AgendaRow.objects.count() == 0


def test_later_work_waits_for_its_time(company: Company, work: Work) -> None:
    due_at = timezone.now() + timedelta(minutes=5)
    work.todo["a"] = due_at
    agenda.append("test.work", "a", due_at)
    assert scanner.scan_once() == 0
    let_time_pass(301)
    work.todo["a"] -= timedelta(seconds=301)
    scanner.scan_once()
    assert work.hinted == ["a"]


def test_many_rows_of_one_key_are_one_hint(company: Company, work: Work) -> None:
    for seconds in range(5):
        agenda.append("test.work", "a", timezone.now() + timedelta(seconds=seconds + 1))
    let_time_pass(10)
    scanner.scan_once()
    assert work.hinted == ["a"]


def test_a_follow_up_of_work_that_was_put_off_waits_for_the_new_time(
    company: Company, work: Work, django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        agenda.append("test.work", "a")
    later = timezone.now() + timedelta(hours=1)
    work.todo["a"] = later
    let_time_pass(10)
    scanner.scan_once()
    row = AgendaRow.objects.get()
    assert (row.due_at, row.is_follow_up) == (later, False)


def test_without_a_broker_the_scanner_does_the_work_itself(
    company: Company, work: Work, django_capture_on_commit_callbacks: Capture
) -> None:
    work.broker_is_up = False
    work.todo["a"] = timezone.now()
    with django_capture_on_commit_callbacks(execute=True):
        agenda.append("test.work", "a")
    let_time_pass(1)
    scanner.scan_once()
    assert work.done == ["a"]


def test_one_failing_key_does_not_stop_the_others(
    company: Company, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hint(schema: str, kind: str, key: str, *, queue: str) -> bool:
        if key == "bad":
            raise LookupError
        return work.hint(schema, kind, key, queue=queue)

    monkeypatch.setattr(scanner, "hint", hint)
    for key in ("bad", "good"):
        agenda.append("test.work", key, timezone.now() + timedelta(seconds=1))
    let_time_pass(10)
    scanner.scan_once()
    assert work.hinted == ["good"]


def test_a_scanner_that_loses_the_database_loses_no_follow_up(
    company: Company,
    work: Work,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    work.todo["a"] = timezone.now()
    with django_capture_on_commit_callbacks(execute=True):
        agenda.append("test.work", "a")
    let_time_pass(10)

    def away(_taken: object) -> None:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(scanner, "_see_to", away)
        with pytest.raises(OperationalError):
            scanner.scan_once()
    let_time_pass(10)
    scanner.scan_once()
    assert work.hinted == ["a", "a"]


def test_rows_of_a_company_that_is_gone_are_forgotten(company: Company, work: Work) -> None:
    AgendaRow.objects.create(
        schema=f"c_{uuid4().hex}", kind="test.work", key="a", due_at=timezone.now()
    )
    let_time_pass(10)
    scanner.scan_once()
    let_time_pass(10)
    scanner.scan_once()
    assert AgendaRow.objects.count() == 0


def test_a_hint_to_a_company_that_is_gone_is_nothing_to_worry_about(work: Work) -> None:
    work.todo = {"a": timezone.now()}
    hints.run(f"c_{uuid4().hex}", "test.work", "a")
    assert work.done == []


def test_rebuild_restores_every_outstanding_key(company: Company, work: Work) -> None:
    now = timezone.now()
    work.todo = {"a": now - timedelta(minutes=1), "b": now + timedelta(hours=1)}
    assert agenda.rebuild() == 2
    assert set(AgendaRow.objects.values_list("key", flat=True)) == {"a", "b"}


def test_what_is_left_after_a_slice_goes_on_at_the_next_wake_up(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = iter([True, True, False, True, True, False])
    agenda.in_slices("test.work", "a", lambda: next(steps))
    assert not AgendaRow.objects.exists()
    monkeypatch.setattr(slices, "SECONDS", 0.0)
    agenda.in_slices("test.work", "a", lambda: next(steps))
    assert AgendaRow.objects.get().key == "a"
    assert list(steps) == [True, False]
