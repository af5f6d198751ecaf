"""The sending rules and the answer to “Why was this not sent?”, as people see them."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core import scope
from messaging.gate import deny
from messaging.models import Budget, Message, SendingPolicy
from messaging.services import spending
from tenants.models import Company
from tests.messaging import factories

pytestmark = pytest.mark.django_db
URL = "/c/aurora/settings/sending/"
FORM = {
    "marketing": "on",
    "marketing_days": ["0", "1", "2"],
    "marketing_from": "10:00",
    "marketing_to": "18:30",
    "skip_holidays": "on",
    "cap_messages": "2",
    "cap_days": "7",
    "sms_guard_hours": "24",
    "monthly_budget": "250.50",
    "currency": "BRL",
    "requires_opt_in": "on",
}


def text(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def desk(aurora: Company, client_for: Callable[..., Client]) -> Client:
    return client_for(aurora, "admin")


def test_the_rules_are_changed_on_one_page(desk: Client, aurora: Company) -> None:
    assert desk.get(URL).status_code == 200
    assert desk.post(URL, FORM).status_code == 302

    with scope.opened(aurora):
        policy = SendingPolicy.objects.get()
        assert policy.windows == {"marketing": {"days": [0, 1, 2], "from": "10:00", "to": "18:30"}}
        assert (policy.cap_messages, policy.sms_per_day) == (2, None)
        assert policy.monthly_budget == Decimal("250.50")
        assert policy.updated_by is not None
    assert 'value="18:30"' in text(desk.get(URL))


def test_hours_switched_off_do_not_count(desk: Client, aurora: Company) -> None:
    desk.post(URL, {key: value for key, value in FORM.items() if key != "marketing"})
    with scope.opened(aurora):
        assert SendingPolicy.objects.get().windows == {}


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"marketing_to": "09:00"}, "marketing_to", "Choose an end that is later than the start."),
        ({"marketing_from": ""}, "marketing_to", "Choose an end that is later than the start."),
        ({"marketing_days": []}, "marketing_days", "Choose at least one day."),
        ({"currency": "XYZ"}, "currency", "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_refused_beside_its_field(
    desk: Client, typed: dict[str, object], field: str, said: str
) -> None:
    answer = desk.post(URL, {**FORM, **typed})
    assert answer.status_code == 422
    assert (list(answer.context["form"].errors), said in text(answer)) == ([field], True)


def test_midnight_is_the_end_of_the_day(desk: Client) -> None:
    assert desk.post(URL, {**FORM, "marketing_to": "00:00"}).status_code == 302


def test_what_the_month_cost_is_shown_and_what_the_budget_does_not_count(
    desk: Client, aurora: Company
) -> None:
    with scope.opened(aurora):
        month = spending.month_of(timezone.now(), aurora)
        Budget.objects.create(month=month, currency="BRL", used=Decimal("12.5"))
        Budget.objects.create(month=month, currency="USD", used=Decimal("3"))
    page = text(desk.get(URL))
    assert "R$\xa012.50" in page
    assert page.count("not counted in the budget") == 1


@pytest.fixture
def message(aurora: Company) -> Message:
    with scope.opened(aurora):
        verdict = deny("frequency_cap", limit=1, days=7, count=1)
        return factories.an_outgoing(
            factories.a_connection(),
            dispatch="skipped",
            code=verdict.code,
            trace=verdict.trace,
            at=timezone.now() - timedelta(days=1),
        )


@pytest.mark.parametrize(("role", "sees_link"), [("admin", True), ("viewer", False)])
def test_everybody_may_ask_why_and_the_next_step_is_for_those_who_may_take_it(
    aurora: Company,
    client_for: Callable[..., Client],
    message: Message,
    role: str,
    sees_link: bool,
) -> None:
    url = f"/c/aurora/messages/{message.pk}/why/"
    client = client_for(aurora, role)
    page, dialog = client.get(url), client.get(url, headers={"HX-Request": "true"})

    words = "The contact got 1 marketing messages in the last 7 days; you allow 1."
    assert words in text(page)
    assert words in text(dialog)
    assert "<html" not in text(dialog)
    assert ("Open the sending rules" in text(dialog)) is sees_link
