"""What holds a run back: the order, the contact, the day."""

from typing import Any

import pytest

from core.ids import uuid7
from tenants.models import Company
from tests.crm.factories import a_contact
from tests.webhooks.automations.factories import (
    a_step,
    an_automation,
    hear,
    told,
)
from webhooks.automations.happening import Happening
from webhooks.automations.models import Miss, Run
from webhooks.automations.services import starting

WAIT = a_step("wait", **{"for": {"amount": 1, "unit": "days"}})


@pytest.mark.parametrize(
    ("limits", "orders", "code"),
    [
        ({"per_contact_per_day": 2}, ["1", "2", "3"], "per_day"),
        ({"cooldown": {"amount": 1, "unit": "hours"}}, ["1", "2"], "cooldown"),
        ({}, ["1", "1"], "same_order"),
    ],
)
def test_guards_hold_back_and_say_so(
    company: Company, limits: dict[str, Any], orders: list[str], code: str
) -> None:
    contact = a_contact()
    an_automation(WAIT, **limits)
    for order in orders:
        told("pix.created", contact, order_id=order)
        hear()
    assert Run.objects.count() == len(orders) - 1
    assert Miss.objects.get().code == code


@pytest.mark.parametrize(
    ("limits", "orders", "code"),
    [
        ({"per_contact_per_day": 2}, ["1", "2", "3"], "per_day"),
        ({"cooldown": {"amount": 1, "unit": "hours"}}, ["1", "2"], "cooldown"),
        ({}, ["1", "1"], "same_order"),
    ],
)
def test_guards_hold_back_those_that_are_heard_together(
    company: Company, limits: dict[str, Any], orders: list[str], code: str
) -> None:
    contact = a_contact()
    an_automation(WAIT, **limits)
    events = [told("pix.created", contact, order_id=order) for order in orders]
    hear()
    assert Run.objects.count() == len(orders) - 1
    miss = Miss.objects.get()
    assert (miss.code, miss.event_uid) == (code, events[-1].uid)
    starting.start([Happening.of(event) for event in events])  # told again: no run, no other miss
    assert Run.objects.count() == len(orders) - 1
    assert set(Miss.objects.values_list("code", "event_uid")) == {(code, events[-1].uid)}


def test_two_shops_have_an_order_of_the_same_number(company: Company) -> None:
    an_automation(WAIT)
    ana, bia = a_contact("Ana"), a_contact("Bia")
    shop, other = uuid7(), uuid7()
    for source, contact in ((shop, ana), (other, bia), (shop, bia), (other, ana)):
        told("pix.created", contact, order_id="1001", source_id=source)
    hear()
    assert set(Run.objects.values_list("contact", flat=True)) == {ana.pk, bia.pk}
    assert list(Miss.objects.values_list("code", flat=True)) == ["same_order", "same_order"]


def test_an_order_may_be_told_again_where_that_is_wanted(company: Company) -> None:
    contact = a_contact()
    an_automation(WAIT, same_order_hours=0)
    for _time in range(2):
        told("pix.created", contact, order_id="1")
    hear()
    assert Run.objects.count() == 2


@pytest.mark.parametrize("is_together", [True, False])
def test_a_pix_that_is_told_as_a_purchase_as_well_is_one_payment(
    company: Company, is_together: bool
) -> None:
    contact = a_contact()
    an_automation(WAIT, on=["pix.paid", "purchase.approved"])
    told("pix.paid", contact, order_id="1")
    if not is_together:
        hear()
    told("purchase.approved", contact, order_id="1")
    hear()
    assert Run.objects.count() == 1
    assert Miss.objects.get().code == "same_order"
