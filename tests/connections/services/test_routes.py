"""The registry of numbers holds under a race, and a deleted company holds nothing."""

import threading

import pytest
from django.db import close_old_connections

from connections.services import routes
from core import scope
from core.errors import Conflict
from tenants.enums import CompanyState, RouteKind
from tenants.models import Company, Route
from tests.connections.factories import a_connection


@pytest.mark.django_db
def test_a_deleted_companys_number_is_free(company: Company, other_company: Company) -> None:
    with scope.opened(other_company):
        routes.claim(a_connection(external_id="77"), secret="s", verify_token="v")
    Company.objects.filter(pk=other_company.pk).update(state=CompanyState.DELETED)
    mine = a_connection(external_id="77")
    routes.claim(mine, secret="s", verify_token="v")
    assert Route.objects.get(kind=RouteKind.NUMBER).connection_id == mine.pk


@pytest.mark.django_db
def test_a_suspended_companys_number_is_not(company: Company, other_company: Company) -> None:
    with scope.opened(other_company):
        routes.claim(a_connection(external_id="77"), secret="s", verify_token="v")
    Company.objects.filter(pk=other_company.pk).update(state=CompanyState.SUSPENDED)
    with pytest.raises(Conflict):
        routes.claim(a_connection(external_id="77"), secret="s", verify_token="v")


def test_of_two_companies_at_once_one_gets_it(
    fresh_database: None, django_db_blocker: pytest.FixtureRequest
) -> None:
    results: list[str] = []
    barrier = threading.Barrier(2)

    def claim(slug: str) -> None:
        company = Company.objects.get(slug=slug)
        with scope.opened(company):
            connection = a_connection(external_id="4711")
            barrier.wait()
            try:
                routes.claim(connection, secret="s", verify_token="v")
                results.append("got it")
            except Conflict as error:
                results.append(error.code)
        close_old_connections()

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        threads = [threading.Thread(target=claim, args=(slug,)) for slug in ("aurora", "boreal")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert Route.objects.filter(kind=RouteKind.NUMBER, external_id="4711").count() == 1
    assert sorted(results) == ["got it", "number_taken"]
