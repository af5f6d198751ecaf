"""Hot statements: in the company's schema and the transaction, failing as Django's do."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from core import scope, statements
from crm.models import Tag
from tenants.models import Company

INSERT = """
    INSERT INTO crm_tag (id, name, key, color, created_at)
    VALUES (%(id)s, %(name)s, %(name)s, 'gray', now())
"""


def test_rows_travel_as_one_text_and_come_back_typed(company: Company) -> None:
    first, second, at = uuid4(), uuid4(), datetime(2026, 11, 21, 12, tzinfo=UTC)
    found = statements.run(
        "SELECT id, at, name FROM jsonb_to_recordset(%(rows)s::jsonb)"
        " AS v(id uuid, at timestamptz, name text) WHERE id = ANY(%(wanted)s)",
        rows=statements.rows(
            [{"id": first, "at": at, "name": "100% 'q'"}, {"id": second, "at": None, "name": ""}]
        ),
        wanted=[first],
    )
    assert found == [(first, at, "100% 'q'")]


def test_it_is_part_of_the_transaction_and_of_the_company(
    company: Company, other_company: Company
) -> None:
    with transaction.atomic():
        assert statements.run(INSERT, id=uuid4(), name="gone") == []
        assert Tag.objects.filter(name="gone").exists()
        transaction.set_rollback(True)
    assert not Tag.objects.exists()
    statements.run(INSERT, id=uuid4(), name="here")
    counted = "SELECT count(*) FROM crm_tag WHERE name = %(name)s"
    assert statements.run(counted, name="here") == [(1,)]
    with scope.opened(other_company):
        assert statements.run(counted, name="here") == [(0,)]
    assert statements.run(counted, name="here") == [(1,)]


def test_errors_are_those_of_django(company: Company) -> None:
    statements.run(INSERT, id=uuid4(), name="once")
    with pytest.raises(IntegrityError), transaction.atomic():
        statements.run(INSERT, id=uuid4(), name="once")


def test_whoever_counts_queries_counts_them(
    company: Company, django_assert_num_queries: object
) -> None:
    statements.run("SELECT 1")  # the schema is set
    with django_assert_num_queries(1):  # type: ignore[operator]
        statements.run("SELECT 1")
    assert connection.queries_logged is False
