"""Hours: the company's by purpose, on the recipient's clock, and the run's."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connections.models import Connection
from crm.models import Contact
from messaging import gate
from messaging.models import Stream, Template, Thread
from tenants.models import Company
from tests.messaging import factories
from tests.messaging.gate_checks.conftest import Make, judge, policy

MARKETING = {"days": [0, 1, 2, 3, 4, 5], "from": "09:00", "to": "20:00"}
SUNDAY = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)  # 09:30 in São Paulo, 08:30 in Manaus

ALLOW, QUIET = ("allow", ""), ("delay", "quiet_hours")


@pytest.fixture(autouse=True)
def hours(company: Company) -> None:
    policy(windows={"marketing": MARKETING})


@pytest.fixture
def contact(connection: Connection) -> Contact:
    return factories.contacts(1)[0]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("+5511987654321", ALLOW),
        ("+5592987654321", QUIET),  # Manaus
        ("+5581987654321", ALLOW),  # Recife and Noronha, both open
        ("+5597987654321", QUIET),
        ("+12125550123", QUIET),  # 07:30 in New York
        ("BR.1502576394655843", ALLOW),  # tells no zone: the company's
    ],
)
def test_the_recipients_clock_decides(
    make: Make, contact: Contact, address: str, expected: tuple[str, str]
) -> None:
    assert judge([make(contact, address=address)], TUESDAY) == [expected]


def test_the_contacts_own_zone_beats_its_number(make: Make, contact: Contact) -> None:
    Contact.objects.filter(pk=contact.pk).update(timezone="America/Manaus")
    assert judge([make(contact)], TUESDAY) == [QUIET]
    Contact.objects.filter(pk=contact.pk).update(timezone="Mars/Olympus")
    assert judge([make(contact)], TUESDAY) == [ALLOW]


def test_a_delay_ends_when_the_hours_begin_and_tells_what_it_saw(
    make: Make, contact: Contact
) -> None:
    [verdict] = gate.judge([make(contact, address="+5592987654321")], now=SUNDAY)
    assert verdict.until == datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
    assert verdict.inputs == {
        "zone": "America/Manaus",
        "at": SUNDAY.isoformat(),
        "window": MARKETING,
        "country": "BR",
    }
    asked = verdict.trace["asked"]
    assert (asked[0], asked[-1]) == ("company", "quiet_hours")  # nobody asks for money then


def test_national_holidays_are_skipped_unless_the_company_wants_them(
    make: Make, contact: Contact
) -> None:
    christmas = datetime(2026, 12, 25, 15, 0, tzinfo=UTC)
    assert judge([make(contact)], christmas) == [QUIET]
    policy(skip_holidays=False)
    assert judge([make(contact)], christmas) == [ALLOW]


def test_other_purposes_go_at_any_hour_unless_they_have_hours(make: Make, contact: Contact) -> None:
    service = make(contact, purpose="service")
    assert judge([service], SUNDAY) == [ALLOW]
    policy(windows={"service": MARKETING})
    assert judge([service], SUNDAY) == [QUIET]


def test_answers_in_an_open_conversation_are_never_held(
    make: Make, connection: Connection, contact: Contact
) -> None:
    policy(windows={"service": MARKETING})
    answer = make(contact, purpose="service", kind="text", template_id=None)
    until = SUNDAY + timedelta(hours=1)
    Thread.objects.create(
        contact=contact, connection=connection, address=answer.address, window_until=until
    )
    assert judge([answer], SUNDAY) == [ALLOW]


@pytest.mark.parametrize(("given_by", "minutes"), [("message", 59), ("run", 59)])
def test_what_would_expire_before_the_hours_begin_is_denied(
    make: Make, contact: Contact, given_by: str, minutes: int
) -> None:
    opens = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def one(expires_at: datetime) -> Any:
        if given_by == "message":
            return make(contact, expires_at=expires_at)
        return make(contact, stream_id=Stream.objects.create(expires_at=expires_at).pk)

    assert judge([one(opens)], SUNDAY) == [("deny", "window_never")]
    assert judge([one(opens + timedelta(seconds=1))], SUNDAY) == [QUIET]


@pytest.mark.parametrize(
    ("local_time", "hour", "expected"),
    [
        (False, 13, ALLOW),  # 10:00 where the company is
        (False, 14, QUIET),
        (True, 13, QUIET),  # 09:00 where the recipient is
        (True, 14, ALLOW),
    ],
)
def test_a_runs_own_window_is_on_the_companys_clock_or_the_recipients(
    make: Make, contact: Contact, local_time: bool, hour: int, expected: tuple[str, str]
) -> None:
    policy(windows={})
    rules = {"window": {"from": "10:00", "to": "11:00"}, "local_time": local_time}
    stream = Stream.objects.create(rules=rules)
    one = make(contact, address="+5592987654321", stream_id=stream.pk, purpose="service")
    assert judge([one], TUESDAY.replace(hour=hour, minute=0)) == [expected]


def test_company_and_run_must_both_be_open(make: Make, contact: Contact) -> None:
    stream = Stream.objects.create(rules={"window": {"from": "06:00", "to": "23:00"}})
    [verdict] = gate.judge(
        [make(contact, stream_id=stream.pk)], now=TUESDAY.replace(hour=10)
    )  # 07:00
    assert verdict.until == TUESDAY.replace(hour=12, minute=0)


def test_a_company_without_hours_asks_for_no_zone(make: Make, template: Template) -> None:
    policy(windows={})
    batch = [make(person) for person in factories.contacts(3)]
    assert judge(batch, SUNDAY) == [ALLOW] * 3
