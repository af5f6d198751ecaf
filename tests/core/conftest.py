"""Two companies with a schema each, and a clean Redis, for the tests of core."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from core import redis, scope
from core.ids import uuid7
from core.scope import CompanyRef
from tests.core.support import Vault


def _company() -> CompanyRef:
    key = uuid7()
    return CompanyRef(id=key, schema_name=f"c_{key.hex}")


@pytest.fixture
def acme() -> CompanyRef:
    return _company()


@pytest.fixture
def rival() -> CompanyRef:
    return _company()


@pytest.fixture
def known_companies(
    acme: CompanyRef, rival: CompanyRef, monkeypatch: pytest.MonkeyPatch
) -> dict[uuid.UUID, CompanyRef]:
    """Both companies can be found by id, as the app that owns companies would arrange."""
    known = {company.id: company for company in (acme, rival)}

    def resolver(company_id: uuid.UUID) -> CompanyRef:
        if company_id not in known:
            raise scope.UnknownCompany(company_id)
        return known[company_id]

    monkeypatch.setattr(scope, "_resolver", resolver)
    return known


@pytest.fixture
def vaults(db: None, acme: CompanyRef, rival: CompanyRef) -> None:
    """A table for ``Vault`` in the schema of both companies, undone by the test's rollback."""
    for company in (acme, rival):
        with scope.public(), connection.cursor() as cursor:
            cursor.execute(f'CREATE SCHEMA "{company.schema_name}"')
        with scope.opened(company), connection.schema_editor() as editor:
            editor.create_model(Vault)


@pytest.fixture
def clean_redis() -> Iterator[None]:
    """This worker's database, empty."""
    redis.reset()
    redis.client().flushdb()
    yield
    redis.reset()


@pytest.fixture
def no_redis(settings: Any) -> Iterator[None]:
    """Redis is configured but nobody listens there."""
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    redis.reset()
    yield
    redis.reset()
