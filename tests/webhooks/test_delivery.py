"""Whose an item is: by its own number, and by nothing else."""

from typing import Any

import pytest

from connections.models import Connection
from core import scope
from messaging.models import Message
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
