"""The gate: each rule alone, their order, and that looking changes nothing."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connections.enums import ConnectionState
from connections.models import Connection
from core import scope
from crm.models import Consent, Contact
from crm.selectors import address_for
from crm.services import consents
from crm.services.suppressions import suppress
from messaging import gate
from messaging.enums import TemplateStatus
from messaging.gate import Ask, Candidate, Decision
from messaging.models import Template, Thread
from tenants.enums import CompanyState
from tenants.models import Company
from tests.messaging import factories

NOW = timezone.now()


@pytest.fixture
def connection(company: Company) -> Connection:
    return factories.a_connection()


@pytest.fixture
def template(connection: Connection) -> Template:
    return factories.a_template(connection)


@pytest.fixture
def contact(connection: Connection) -> Contact:
    return factories.contacts(1)[0]


def candidate(
    connection: Connection, contact: Contact, template: Template | None, **fields: Any
) -> Candidate:
    defaults: dict[str, Any] = {
        "id": contact.pk,
        "contact_id": contact.pk,
        "connection_id": connection.pk,
        "address": factories.address_of(contact),
        "kind": "template" if template else "text",
        "purpose": "marketing" if template else "service",
        "template_id": template.pk if template else None,
    }
    return Candidate(**{**defaults, **fields})


def verdict(one: Candidate, **options: Any) -> tuple[str, str]:
    [found] = gate.judge([one], now=NOW, **options)
    return found.decision.value, found.code


def test_a_template_with_consent_may_go(
    connection: Connection, contact: Contact, template: Template
) -> None:
    assert verdict(candidate(connection, contact, template)) == ("allow", "")


@pytest.mark.parametrize(
    ("address", "code"),
    [("", "address_missing"), ("12", "address_invalid"), ("abc", "address_invalid")],
)
def test_an_address_must_be_able_to_exist(
    connection: Connection, contact: Contact, template: Template, address: str, code: str
) -> None:
    assert verdict(candidate(connection, contact, template, address=address)) == ("deny", code)


def test_marketing_needs_an_opt_in_on_record(
    connection: Connection, contact: Contact, template: Template
) -> None:
    Consent.objects.all().delete()
    marketing = candidate(connection, contact, template)
    service = candidate(connection, contact, template, purpose="service")

    assert verdict(marketing) == ("deny", "no_consent")
    assert verdict(service) == ("allow", "")


def test_an_opt_out_beats_the_opt_in(
    connection: Connection, contact: Contact, template: Template
) -> None:
    consents.opt_out(contact=contact, source="keyword PARAR")
    assert verdict(candidate(connection, contact, template)) == ("deny", "opted_out")


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("manual", "suppressed"),
        ("list", "suppressed"),
        ("opt_out", "opted_out"),
        ("provider", "opted_out"),
        ("erased", "opted_out"),
    ],
)
def test_what_the_team_put_on_the_list_is_not_told_as_the_contacts_wish(
    connection: Connection, contact: Contact, template: Template, reason: str, code: str
) -> None:
    suppress(address=address_for(contact), channel="whatsapp", reason=reason)
    assert verdict(candidate(connection, contact, template)) == ("deny", code)


def test_the_persons_own_word_is_told_before_what_the_team_did(
    connection: Connection, contact: Contact, template: Template
) -> None:
    suppress(address=address_for(contact), channel="whatsapp", reason="list")
    assert verdict(candidate(connection, contact, template)) == ("deny", "suppressed")
    consents.opt_out(contact=contact, source="keyword PARAR")
    assert verdict(candidate(connection, contact, template)) == ("deny", "opted_out")


def test_free_form_needs_an_open_window(connection: Connection, contact: Contact) -> None:
    text = candidate(connection, contact, None)
    assert verdict(text) == ("deny", "window_closed")

    thread = Thread.objects.create(
        contact=contact, connection=connection, address=text.address, window_until=NOW
    )
    assert verdict(text) == ("deny", "window_closed")
    Thread.objects.filter(pk=thread.pk).update(window_until=NOW + timedelta(seconds=1))
    assert verdict(text) == ("allow", "")


@pytest.mark.parametrize(
    ("status", "in_a_run", "expected"),
    [
        (TemplateStatus.PENDING, True, ("deny", "template_not_approved")),
        (TemplateStatus.REJECTED, True, ("deny", "template_not_approved")),
        (TemplateStatus.PAUSED, True, ("delay", "template_paused")),
        (TemplateStatus.PAUSED, False, ("deny", "template_not_approved")),
    ],
)
def test_a_template_must_be_approved(
    connection: Connection,
    contact: Contact,
    template: Template,
    status: str,
    in_a_run: bool,
    expected: tuple[str, str],
) -> None:
    Template.objects.update(status=status)
    stream = contact.pk if in_a_run else None
    assert verdict(candidate(connection, contact, template, stream_id=stream)) == expected


def test_a_template_of_another_account_is_refused(
    connection: Connection, contact: Contact, template: Template
) -> None:
    Template.objects.update(account_id="999")
    found = verdict(candidate(connection, contact, template))
    assert found == ("deny", "template_other_account")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"state": ConnectionState.PAUSED}, ("delay", "connection_paused")),
        ({"state": ConnectionState.STOPPED}, ("delay", "connection_stopped")),
        ({"state": ConnectionState.RELEASED}, ("deny", "connection_released")),
        ({"deleted_at": NOW}, ("deny", "connection_released")),
        (
            {"state": ConnectionState.PAUSED, "paused_until": NOW - timedelta(seconds=1)},
            ("allow", ""),
        ),
    ],
)
def test_the_number_must_be_able_to_send(
    connection: Connection,
    contact: Contact,
    template: Template,
    fields: dict[str, Any],
    expected: tuple[str, str],
) -> None:
    Connection.objects.update(**fields)
    assert verdict(candidate(connection, contact, template)) == expected


def test_a_suspended_company_sends_nothing(
    connection: Connection, contact: Contact, template: Template, company: Company
) -> None:
    with scope.public():
        Company.objects.filter(pk=company.pk).update(state=CompanyState.SUSPENDED)
    assert verdict(candidate(connection, contact, template)) == ("delay", "company_suspended")


def test_a_deleted_contact_is_not_written_to(
    connection: Connection, contact: Contact, template: Template
) -> None:
    Contact.objects.update(deleted_at=NOW)
    assert verdict(candidate(connection, contact, template)) == ("deny", "contact_deleted")


def test_a_denial_is_not_hidden_behind_a_delay(
    connection: Connection, contact: Contact, template: Template
) -> None:
    Connection.objects.update(state=ConnectionState.PAUSED)
    Consent.objects.all().delete()
    assert verdict(candidate(connection, contact, template)) == ("deny", "no_consent")


def test_steady_and_volatile_rules_together_are_all(
    connection: Connection, contact: Contact, template: Template
) -> None:
    Consent.objects.all().delete()
    one = candidate(connection, contact, template)
    assert verdict(one, ask=Ask.STEADY) == ("allow", "")
    assert verdict(one, ask=Ask.VOLATILE) == ("deny", "no_consent")


def test_a_hundred_cost_as_many_queries_as_one(connection: Connection, template: Template) -> None:
    people = factories.contacts(100)
    batch = [candidate(connection, person, template) for person in people]

    def queries(candidates: list[Candidate]) -> int:
        with CaptureQueriesContext(database) as captured:
            gate.judge(candidates, now=NOW)
        return len(captured)

    queries(batch)  # the first one also looks up what the process then remembers
    assert queries(batch) == queries(batch[:1])


@pytest.fixture
def extra_rule() -> Iterator[list[gate.Moment]]:
    """A rule of another app, which remembers the moments it was asked in."""
    seen: list[gate.Moment] = []

    def remember(batch: Any, moment: gate.Moment) -> gate.Verdicts:
        seen.append(moment)
        return {item.id: gate.deny("house_rule", limit=3) for item in batch}

    check = gate.Check("test", 5, remember)
    gate.register(check)
    yield seen
    gate._checks.remove(check)


def test_another_app_adds_its_rule_and_learns_whether_it_may_act(
    connection: Connection, contact: Contact, template: Template, extra_rule: list[gate.Moment]
) -> None:
    one = candidate(connection, contact, template)
    [found] = gate.judge([one], now=NOW, effects=False)

    assert found.decision == Decision.DENY
    assert found.trace == {
        "decision": "deny",
        "code": "house_rule",
        "inputs": {"limit": 3},
        "asked": ["test"],
        "rule": "test",
    }
    assert [moment.effects for moment in extra_rule] == [False]
