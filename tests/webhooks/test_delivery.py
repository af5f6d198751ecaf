"""Whose an item is: by its own number, and by nothing else."""

from typing import Any

import pytest

from connections.models import Connection
from core import scope
from messaging.models import Message, Template
from tenants.enums import CompanyState, RouteState
from tenants.models import Company, Route
from tenants.services import companies
from tests.messaging import factories
from tests.webhooks import callbacks
from webhooks.ingress.enums import ParkedReason
from webhooks.ingress.models import ParkedItem
from webhooks.models import Item


def test_every_item_goes_to_the_company_of_its_own_number(
    connection: Connection, company: Company, boreal: Company, settings: Any
) -> None:
    settings.META_APP_SECRET = callbacks.SECRET
    callbacks.an_address(company, connection)
    with scope.opened(boreal):
        other = factories.a_connection(factories.OTHER_NUMBER)
        callbacks.an_address(boreal, other)
    body = callbacks.envelope(
        callbacks.change(messages=[callbacks.text("wamid.a", "for Aurora")]),
        callbacks.change(
            factories.OTHER_NUMBER, messages=[callbacks.text("wamid.b", "for Boreal")]
        ),
        callbacks.change("999", messages=[callbacks.text("wamid.c", "for nobody")]),
        {"field": "messages", "value": "not an object"},
    )

    callbacks.post("/webhooks/meta/", body)
    callbacks.work(company, boreal)

    assert [row.content["text"] for row in Message.objects.all()] == ["for Aurora"]
    with scope.opened(boreal):
        assert [row.content["text"] for row in Message.objects.all()] == ["for Boreal"]
    with scope.public():
        parked = dict(ParkedItem.objects.values_list("reason", "external_id"))
    assert parked == {ParkedReason.UNKNOWN_NUMBER: "999", ParkedReason.UNREADABLE: ""}


def test_a_companys_address_takes_no_item_for_another_companys_number(
    address: str, company: Company, boreal: Company
) -> None:
    with scope.opened(boreal):
        other = factories.a_connection(factories.OTHER_NUMBER)
        callbacks.an_address(boreal, other)

    callbacks.post(
        address,
        callbacks.envelope(
            callbacks.change(factories.OTHER_NUMBER, messages=[callbacks.text("wamid.x")])
        ),
    )
    callbacks.work(company, boreal)

    with scope.opened(boreal):
        assert Message.objects.count() == 0
    assert Message.objects.count() == 0
    with scope.public():
        assert ParkedItem.objects.get().reason == ParkedReason.UNKNOWN_NUMBER


def test_what_an_account_says_reaches_every_company_with_a_number_of_it_and_no_other(
    connection: Connection, company: Company, boreal: Company, settings: Any
) -> None:
    settings.META_APP_SECRET = callbacks.SECRET
    callbacks.an_address(company, connection)
    factories.a_template(connection)
    with scope.opened(boreal):
        for number, account in (("2", factories.ACCOUNT), ("3", factories.ACCOUNT), ("4", "alone")):
            mine = factories.a_connection(number, account_id=account)
            callbacks.an_address(boreal, mine)
        for account in (factories.ACCOUNT, "alone"):
            factories.a_template(mine, account_id=account)

    def posted(account: str) -> None:
        body = callbacks.envelope(callbacks.template_paused("order_confirmed"), account=account)
        callbacks.post("/webhooks/meta/", body)
        callbacks.work(company, boreal)

    posted(factories.ACCOUNT)
    assert statuses() == {factories.ACCOUNT: "PAUSED"}
    with scope.opened(boreal):
        assert statuses() == {factories.ACCOUNT: "PAUSED", "alone": "APPROVED"}
        assert Item.objects.count() == 1  # however many numbers it has there

    posted("alone")
    assert Item.objects.count() == 1
    with scope.opened(boreal):
        assert statuses() == {factories.ACCOUNT: "PAUSED", "alone": "PAUSED"}
    with scope.public():
        assert not ParkedItem.objects.exists()


def test_at_a_companys_own_address_an_account_speaks_to_that_company_alone(
    address: str, connection: Connection, company: Company, boreal: Company
) -> None:
    with scope.opened(boreal):
        callbacks.an_address(boreal, factories.a_connection("2"))
    callbacks.post(address, callbacks.envelope(callbacks.template_paused("order_confirmed")))
    callbacks.work(company, boreal)

    assert Item.objects.count() == 1
    with scope.opened(boreal):
        assert not Item.objects.exists()


def test_a_company_that_left_an_account_hears_no_more_of_it(
    connection: Connection, company: Company, settings: Any
) -> None:
    settings.META_APP_SECRET = callbacks.SECRET
    callbacks.an_address(company, connection)
    with scope.public():
        Route.objects.update(state=RouteState.RELEASED)
    callbacks.post(
        "/webhooks/meta/", callbacks.envelope(callbacks.template_paused("order_confirmed"))
    )
    callbacks.work(company)

    assert not Item.objects.exists()
    with scope.public():
        assert ParkedItem.objects.get().reason == ParkedReason.RELEASED


def test_what_people_wrote_is_never_shared_by_an_account(
    connection: Connection, company: Company, settings: Any
) -> None:
    settings.META_APP_SECRET = callbacks.SECRET
    callbacks.an_address(company, connection)
    without_number = callbacks.change("", messages=[callbacks.text("wamid.1")])
    callbacks.post("/webhooks/meta/", callbacks.envelope(without_number))
    callbacks.work(company)

    assert not Item.objects.exists()
    with scope.public():
        assert ParkedItem.objects.get().reason == ParkedReason.UNKNOWN_NUMBER


def statuses() -> dict[str, str]:
    """The templates of the company that is open, by account."""
    return dict(Template.objects.values_list("account_id", "status"))


def test_a_suspended_company_still_receives(
    address: str, connection: Connection, company: Company
) -> None:
    companies.suspend(company=company)
    callbacks.post(
        address, callbacks.envelope(callbacks.change(messages=[callbacks.text("wamid.1")]))
    )
    callbacks.work()

    assert Item.objects.get().key == "wamid.1"


@pytest.mark.parametrize("gone", ["number released", "company deleted"])
def test_what_comes_for_a_number_that_left_is_parked(
    connection: Connection, company: Company, settings: Any, gone: str
) -> None:
    settings.META_APP_SECRET = callbacks.SECRET
    callbacks.an_address(company, connection)
    with scope.public():
        if gone == "number released":
            Route.objects.update(state=RouteState.RELEASED)
        else:
            Company.objects.filter(pk=company.pk).update(state=CompanyState.DELETED)
    callbacks.post(
        "/webhooks/meta/",
        callbacks.envelope(callbacks.change(messages=[callbacks.text("wamid.1")])),
    )
    callbacks.work()

    with scope.public():
        assert ParkedItem.objects.get().reason == ParkedReason.RELEASED
    assert not Item.objects.exists()
