"""Chores of the scanner: each at its time, and none stops the others."""

from typing import Any

import pytest
from django.db import OperationalError

from core.agenda import chores
from core.agenda.chores import Chore


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chores, "registered", {})


def raises(error: Exception) -> Any:
    def do() -> None:
        raise error

    return do


def test_each_is_done_when_it_is_due() -> None:
    done: list[str] = []
    Chore("often", lambda: done.append("often"), every_seconds=0).register()
    Chore("rarely", lambda: done.append("rarely"), every_seconds=3600).register()

    chores.do_due()
    chores.do_due()

    assert done == ["often", "rarely", "often"]


def test_a_failure_stops_nobody() -> None:
    done: list[int] = []
    Chore("bad", raises(RuntimeError("boom")), every_seconds=0).register()
    Chore("good", lambda: done.append(1), every_seconds=0).register()
    chores.do_due()
    assert done == [1]


def test_a_database_that_is_away_is_for_the_scanner_to_know() -> None:
    Chore("bad", raises(OperationalError()), every_seconds=0).register()
    with pytest.raises(OperationalError):
        chores.do_due()


def test_a_name_is_taken_once() -> None:
    Chore("one", print, every_seconds=1).register()
    with pytest.raises(ValueError, match="twice"):
        Chore("one", print, every_seconds=1).register()
