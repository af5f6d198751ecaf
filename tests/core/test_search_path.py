"""Which schema a connection is in is what the server says, and it is told only what is new."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core import scope
from core.scope import CompanyRef


def path() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('search_path')")
        return str(cursor.fetchone()[0])


@contextmanager
def told(times: int) -> Iterator[None]:
    with CaptureQueriesContext(connection) as captured:
        yield
    sent = [query["sql"] for query in captured if query["sql"].startswith("SET search_path")]
    assert len(sent) == times, sent


def test_the_same_company_again_is_not_told_again(db: None, acme: CompanyRef) -> None:
    with scope.opened(acme):
        expected = path()
    with told(0), scope.opened(acme):
        assert path() == expected


def test_another_company_is_told(db: None, acme: CompanyRef, rival: CompanyRef) -> None:
    with scope.opened(acme):
        path()
    with told(1), scope.opened(rival):
        assert path() == f"{rival.schema_name}, public".replace('"', "")
    with told(1):
        assert path() == "public"


def test_a_rollback_takes_the_schema_along_and_it_is_told_again(
    db: None, acme: CompanyRef, rival: CompanyRef
) -> None:
    with scope.opened(acme):
        expected = path()
    with transaction.atomic():
        with scope.opened(rival):
            assert rival.schema_name in path()
        transaction.set_rollback(True)
    with scope.opened(acme):
        assert path() == expected
    assert path() == "public"


def test_whoever_changes_it_behind_our_back_is_noticed(db: None, acme: CompanyRef) -> None:
    with scope.opened(acme):
        expected = path()
        with connection.cursor() as cursor:
            cursor.execute("SET search_path = pg_catalog")
        with told(1):
            assert path() == expected
