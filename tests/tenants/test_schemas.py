"""A new company's schema is a true copy of the template's."""

import pytest
from django.db import connection

from core import scope
from events.models import Event
from tenants import schemas
from tenants.models import Company
from tenants.services.companies import create_company

STRUCTURE = """
SELECT table_name, column_name, data_type, is_nullable, column_default IS NOT NULL
FROM information_schema.columns WHERE table_schema = %s ORDER BY 1, 2
"""
CONSTRAINTS = """
SELECT c.relname, k.conname, replace(pg_get_constraintdef(k.oid), %s || '.', '')
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE k.connamespace = %s::regnamespace ORDER BY 1, 2
"""

STORAGE = """
SELECT relname, reloptions FROM pg_class
WHERE relnamespace = %s::regnamespace AND relkind = 'r' ORDER BY 1
"""


def rows(query: str, *params: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = pg_catalog")
        cursor.execute(query, params)
        found = cursor.fetchall()
        cursor.execute("SET LOCAL search_path = public")
    return found


@pytest.mark.django_db
def test_clone_has_the_templates_columns_and_constraints() -> None:
    company = create_company(name="Clone", owner=None)
    source, target = schemas.TEMPLATE_SCHEMA, company.schema_name
    assert rows(STRUCTURE, target) == rows(STRUCTURE, source)
    assert rows(CONSTRAINTS, target, target) == rows(CONSTRAINTS, source, source)
    assert rows(STORAGE, target) == rows(STORAGE, source)
    assert ("messaging_message", ["fillfactor=75"]) in rows(STORAGE, target)


@pytest.mark.django_db
def test_clone_numbers_its_own_rows(aurora: Company, boreal: Company) -> None:
    for company in (aurora, boreal):
        with scope.opened(company):
            for _ in range(3):
                Event.objects.create(type="test.happened", data={})
            sequences = list(Event.objects.values_list("sequence", flat=True).order_by("sequence"))
            assert sequences == list(range(sequences[0], sequences[0] + 3))


@pytest.mark.django_db
def test_fresh_companies_do_not_lag(aurora: Company) -> None:
    assert schemas.lagging() == []
    with connection.cursor() as cursor:
        cursor.execute(
            f'DELETE FROM "{aurora.schema_name}".django_migrations WHERE app = %s', ["campaigns"]
        )
    assert schemas.lagging() == [aurora.schema_name]
