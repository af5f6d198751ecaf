from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery
from django.db import connection, transaction
from django.urls import get_script_prefix
from django.utils import translation
from kombu.exceptions import OperationalError

from core import scope
from core.scope import CompanyRef
from core.tasks import CompanyTask, hint


@pytest.fixture
def app() -> Iterator[Celery]:
    """A Celery application of its own: eager unless a test says otherwise."""
    app = Celery("core_tests", broker="memory://", set_as_current=False)
    app.conf.update(task_always_eager=True, task_eager_propagates=True)
    yield app
    app.close()


@pytest.fixture
def seen() -> list[Any]:
    return []


@pytest.fixture
def look(app: Celery, seen: list[Any]) -> CompanyTask:
    @app.task(base=CompanyTask, name="look")
    def look(company_id: str, thing: str) -> None:
        seen.append((company_id, thing, connection.schema_name, scope.company_id()))
        if thing == "bad":
            translation.activate("pt-br")
            raise ZeroDivisionError

    return look


@pytest.mark.usefixtures("db", "known_companies")
class TestCompanyTask:
    def test_it_runs_inside_its_company(
        self, look: CompanyTask, seen: list[Any], acme: CompanyRef
    ) -> None:
        look.delay(str(acme.id), "x")
        assert seen == [(str(acme.id), "x", acme.schema_name, acme.id)]
        assert connection.schema_name == "public"

    def test_everything_is_reset_when_it_raises(self, look: CompanyTask, acme: CompanyRef) -> None:
        before = (translation.get_language(), get_script_prefix())
        with pytest.raises(ZeroDivisionError):
            look.delay(str(acme.id), "bad")
        assert (translation.get_language(), get_script_prefix()) == before
        assert connection.schema_name == "public"

    def test_an_unknown_company_is_an_error(self, look: CompanyTask, seen: list[Any]) -> None:
        with pytest.raises(scope.UnknownCompany):
            look.delay(str(uuid.uuid4()), "x")
        assert seen == []


@pytest.mark.usefixtures("known_companies")
class TestHint:
    def test_it_goes_out_at_once_outside_a_transaction(
        self, look: CompanyTask, seen: list[Any], acme: CompanyRef
    ) -> None:
        thing = uuid.uuid4()
        assert hint(look, acme.id, thing) is True
        assert [entry[1] for entry in seen] == [str(thing)]

    def test_it_waits_for_the_commit(
        self,
        db: None,
        look: CompanyTask,
        seen: list[Any],
        acme: CompanyRef,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            assert hint(look, acme.id, "x") is True
            assert seen == []
        assert len(seen) == 1

    @transaction.atomic
    def hint_and_fail(self, look: CompanyTask, acme: CompanyRef) -> None:
        hint(look, acme.id, "x")
        raise ZeroDivisionError

    def test_it_vanishes_with_the_transaction(
        self,
        db: None,
        look: CompanyTask,
        seen: list[Any],
        acme: CompanyRef,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):  # noqa: SIM117
            with pytest.raises(ZeroDivisionError):
                self.hint_and_fail(look, acme)
        assert seen == []

    def test_a_broker_that_is_away_is_told_at_once_and_harms_nobody(
        self, no_redis: None, look: CompanyTask, seen: list[Any], acme: CompanyRef
    ) -> None:
        started = time.monotonic()
        assert [hint(look, acme.id, "x") for _ in range(100)] == [False] * 100
        assert time.monotonic() - started < 0.5
        assert seen == []

    def test_a_broker_that_refuses_harms_nobody(self, acme: CompanyRef) -> None:
        class Refusing(CompanyTask):
            name = "refusing"

            def apply_async(self, *args: Any, **kwargs: Any) -> Any:
                raise OperationalError("refused")

        assert hint(Refusing(), acme.id) is False
