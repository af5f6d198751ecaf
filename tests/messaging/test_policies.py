"""The sending rules: what a company begins with, changes that are told, values that do not fit."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from core import scope
from core.errors import Invalid
from crm.models import Consent
from events.models import Event
from messaging import gate
from messaging.models import SendingPolicy
from messaging.services import policies
from tenants.models import Company
from tenants.services.companies import create_company
from tests.messaging import factories

WINDOW = {"days": [0, 1, 2, 3, 4, 5], "from": "09:00", "to": "20:00"}


def change(**values: Any) -> SendingPolicy:
    return policies.change(by=None, actor="person:x", **values)


def refused(**values: Any) -> list[str]:
    with pytest.raises(Invalid) as caught:
        change(**values)
    return list(caught.value.errors)


@pytest.mark.django_db
def test_a_new_company_has_no_hours_of_its_own() -> None:
    made = create_company(name="Nova", owner=None)
    with scope.opened(made):
        policy = policies.current()
        assert (policy.windows, policy.skip_holidays) == ({}, True)


@pytest.mark.parametrize(
    ("at", "fits"),
    [
        ("2026-11-20T12:00+00:00", True),  # Friday, 09:00 in São Paulo
        ("2026-11-20T11:59+00:00", False),
        ("2026-11-20T22:59+00:00", True),
        ("2026-11-20T23:00+00:00", False),
        ("2026-11-22T15:00+00:00", False),  # Sunday
    ],
)
def test_marketing_by_day_and_not_on_sundays_is_recommended(
    company: Company, at: str, fits: bool
) -> None:
    with timezone.override("America/Sao_Paulo"):
        assert policies.is_recommended(datetime.fromisoformat(at)) is fits


def test_changing_one_rule_leaves_the_others(company: Company) -> None:
    change(cap_messages=3)
    change(currency="usd", monthly_budget=Decimal(100))
    policy = policies.current()
    assert (policy.cap_messages, policy.currency, policy.monthly_budget) == (3, "USD", 100)


def test_a_change_is_told_with_what_was_and_what_is(company: Company) -> None:
    change(requires_opt_in=False, cap_days=7)
    event = Event.objects.get(type="sending_policy.changed")
    assert event.data == {"before": {"requires_opt_in": True}, "after": {"requires_opt_in": False}}
    assert event.actor == "person:x"

    change(requires_opt_in=False)
    assert Event.objects.filter(type="sending_policy.changed").count() == 1


def test_without_required_opt_in_the_silent_get_marketing_and_who_said_no_does_not(
    company: Company,
) -> None:
    number = factories.a_connection()
    template = factories.a_template(number, category="MARKETING")
    silent, refusing = factories.contacts(2)
    Consent.objects.filter(contact=silent).delete()
    Consent.objects.filter(contact=refusing).update(action="opt_out")
    batch = [
        gate.Candidate(
            id=one.pk,
            contact_id=one.pk,
            connection_id=number.pk,
            address=factories.address_of(one),
            kind="template",
            purpose="marketing",
            template_id=template.pk,
        )
        for one in (silent, refusing)
    ]

    def codes() -> list[str]:
        now = silent.created_at
        return [verdict.code for verdict in gate.judge(batch, now=now)]

    assert codes() == ["no_consent", "opted_out"]
    change(requires_opt_in=False)
    assert codes() == ["", "opted_out"]


@pytest.mark.parametrize(
    "rule",
    [
        {"days": [], "from": "09:00", "to": "20:00"},
        {"days": [7], "from": "09:00", "to": "20:00"},
        {"days": [0], "from": "20:00", "to": "09:00"},
        {"days": [0], "from": "09:00", "to": "09:00"},
        {"days": [0], "from": "9 o'clock", "to": "20:00"},
        {"days": [0], "from": "09:00"},
        {"days": [0], "from": "09:00", "to": "25:00"},
        {"days": ["Monday"], "from": "09:00", "to": "20:00"},
        "always",
    ],
)
def test_hours_that_are_none_are_refused(company: Company, rule: Any) -> None:
    assert refused(windows={"marketing": rule}) == ["windows"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("windows", {"birthdays": WINDOW}),
        ("cap_messages", 0),
        ("cap_days", 0),
        ("sms_per_day", 1_001),
        ("monthly_budget", Decimal(-1)),
        ("currency", "R$"),
    ],
)
def test_values_that_do_not_fit_are_refused_beside_their_field(
    company: Company, field: str, value: Any
) -> None:
    assert refused(**{field: value}) == [field]
