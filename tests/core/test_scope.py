from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.urls import get_script_prefix
from django.utils import timezone, translation
from django_tenants.utils import schema_context

from core import scope
from core.scope import CompanyRef


class Full:
    """A company as the app that owns companies has it."""

    def __init__(self, ref: CompanyRef) -> None:
        self.id, self.schema_name = ref.id, ref.schema_name
        self.language, self.timezone, self.path_prefix = "pt-br", "America/Manaus", "/c/acme/"


def test_inside_the_company_is_known_and_outside_there_is_none(db: None, acme: CompanyRef) -> None:
    assert scope.company_id() is None
    with scope.opened(acme):
        assert (scope.company_id(), connection.schema_name) == (acme.id, acme.schema_name)
    assert (scope.company_id(), connection.schema_name) == (None, "public")


def test_scopes_nest_and_each_exit_returns_to_the_one_around(
    db: None, acme: CompanyRef, rival: CompanyRef
) -> None:
    with scope.opened(acme):
        with scope.opened(rival):
            assert scope.required_company_id() == rival.id
        with scope.public():
            assert scope.company_id() is None
        assert scope.required_company_id() == acme.id


def test_an_exception_closes_the_scope(db: None, acme: CompanyRef) -> None:
    with pytest.raises(ZeroDivisionError), scope.opened(acme):
        _ = 1 / 0
    assert connection.schema_name == "public"


def test_public_has_no_required_company(db: None) -> None:
    with pytest.raises(scope.OutsideCompany):
        scope.required_company_id()


def test_a_schema_opened_by_name_alone_fails_loudly(db: None, acme: CompanyRef) -> None:
    with schema_context(acme.schema_name), pytest.raises(scope.OutsideCompany):
        scope.company_id()


def test_companies_are_found_by_id_in_any_form(
    db: None, acme: CompanyRef, known_companies: Any
) -> None:
    assert scope.resolve(acme.id) is scope.resolve(str(acme.id)) is acme


@pytest.mark.parametrize("company_id", ["", "acme", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_company_is_an_error(db: None, known_companies: Any, company_id: str) -> None:
    with pytest.raises(scope.UnknownCompany):
        scope.resolve(company_id)


def test_surroundings_are_the_companys_and_then_what_they_were(acme: CompanyRef) -> None:
    before = (translation.get_language(), str(timezone.get_current_timezone()), get_script_prefix())
    with scope.surroundings(Full(acme)):
        assert translation.get_language() == "pt-br"
        assert timezone.localtime(dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)).hour == 8
        assert get_script_prefix() == "/c/acme/"
    after = (translation.get_language(), str(timezone.get_current_timezone()), get_script_prefix())
    assert after == before


def test_async_code_of_two_companies_interleaves_without_mixing(
    db: None, acme: CompanyRef, rival: CompanyRef
) -> None:
    def seen() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('search_path')")
            return str(cursor.fetchone()[0])

    async def consumer(company: CompanyRef) -> set[str]:
        found = set()
        for _ in range(20):
            found.add(await scope.in_company(company)(seen)())
            await asyncio.sleep(0)
        return found

    async def both() -> list[set[str]]:
        return await asyncio.gather(consumer(acme), consumer(rival))

    mine, theirs = async_to_sync(both)()
    assert mine == {f'"{acme.schema_name}", "public"'} or mine == {f"{acme.schema_name}, public"}
    assert mine.isdisjoint(theirs)
    assert connection.schema_name == "public"
