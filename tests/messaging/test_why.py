"""“Why was this not sent?”: the stored verdict in words, the rules, the next step."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone, translation

from connections.models import Connection
from messaging import gate, why
from messaging.gate import Verdict, delay, deny
from messaging.models import Message, Stream
from messaging.selectors import messages_to_explain
from messaging.why_sentences import days_phrase, sentence
from tenants.models import Company
from tests.messaging import factories

WINDOW = {"days": [0, 1, 2, 3, 4, 5], "from": "09:00", "to": "20:00"}
QUIET = {"zone": "America/Manaus", "at": "2026-11-22T01:40:00+00:00", "window": WINDOW}
MONDAY = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)


@pytest.fixture
def connection(company: Company) -> Connection:
    return factories.a_connection()


def stopped(connection: Connection, verdict: Verdict, **fields: Any) -> Message:
    """A message as the sender writes it off or puts it back."""
    is_denied = verdict.decision == gate.Decision.DENY
    defaults = {
        "dispatch": "skipped" if is_denied else "queued",
        "due_at": verdict.until or timezone.now(),
        "code": verdict.code,
        "trace": verdict.trace,
    }
    message = factories.an_outgoing(connection, **{**defaults, **fields})
    return messages_to_explain().get(pk=message.pk)


def test_a_delay_is_told_on_the_clock_of_the_recipient(
    company: Company, connection: Connection
) -> None:
    answer = why.of(stopped(connection, delay("quiet_hours", MONDAY, **QUIET)))

    assert answer.sentence == (
        "It was Saturday, 21:40 in Manaus; these messages go out 09:00 to 20:00, "
        "Monday to Saturday."
    )
    assert answer.leaves == "It leaves on Monday, November 23, 09:00 (time of Manaus)."
    assert answer.until == MONDAY
    assert answer.next is not None
    assert answer.next.path(company) == "/c/aurora/settings/sending/"


@pytest.mark.parametrize(
    ("code", "inputs", "words"),
    [
        (
            "quiet_hours",
            {**QUIET, "at": "2026-12-25T15:00:00+00:00", "country": "BR"},
            "It was a holiday in Manaus: Christmas Day.",
        ),
        (
            "frequency_cap",
            {"limit": 2, "days": 7, "count": 3},
            "The contact got 3 marketing messages in the last 7 days; you allow 2.",
        ),
        (
            "budget_reached",
            {"scope": "run", "limit": "12.5", "price": "0.0625", "currency": "USD"},
            "It costs US$\xa00.06, and the campaign's budget of US$\xa012.50 is used up.",
        ),
        (
            "tier_limit",
            {"limit": 2_000},
            (
                "WhatsApp lets this business write to 2,000 new people within 24 hours, and that "
                "many were written to."
            ),
        ),
        (
            "template_not_approved",
            {"template": "pedido", "status": "REJECTED"},
            "The template pedido is not approved: Rejected.",
        ),
        (
            "no_consent",
            {"channel": "sms"},
            "There is no recorded permission to send marketing by SMS.",
        ),
        ("quiet_hours", {"zone": "America/Manaus"}, ""),  # written by an older rule
        ("opted_out", {}, ""),
    ],
)
def test_a_verdict_is_said_with_its_numbers(code: str, inputs: Any, words: str) -> None:
    with translation.override("en"):
        assert sentence(deny(code, **inputs).trace) == words


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ({0, 1, 2, 3, 4, 5, 6}, "every day"),
        ({0, 1, 2, 3, 4}, "Monday to Friday"),
        ({5, 6}, "Saturday, Sunday"),
        ({0, 2, 4}, "Monday, Wednesday, Friday"),
    ],
)
def test_days_are_said_as_people_say_them(days: set[int], words: str) -> None:
    with translation.override("en"):
        assert days_phrase(frozenset(days)) == words


def test_every_rule_that_was_asked_is_shown_in_its_order(
    company: Company, connection: Connection
) -> None:
    template = factories.a_template(connection, category="MARKETING", status="REJECTED")
    message = factories.an_outgoing(
        connection, kind="template", template=template, purpose="marketing"
    )
    [verdict] = gate.judge([gate.Candidate.of(message)], now=timezone.now())
    answer = why.of(stopped(connection, verdict, template=template))

    assert [(step.rule, step.passed) for step in answer.steps] == [
        ("company", True),
        ("connection", True),
        ("contact", True),
        ("address", True),
        ("suppression", True),
        ("consent", True),
        ("kind", True),
        ("template", False),
    ]
    assert answer.steps[-1].sentence == "The template order_confirmed is not approved: Rejected."
    assert answer.next is not None
    assert answer.next.path(company) == f"/c/aurora/templates/{template.pk}/"


def test_what_the_provider_refused_later_is_not_explained_by_an_old_verdict(
    connection: Connection,
) -> None:
    verdict = delay("quiet_hours", MONDAY, **QUIET)
    message = stopped(connection, verdict, dispatch="rejected", code="131026")
    answer = why.of(message)
    assert (answer.state, answer.steps, answer.until) == ("failed", (), None)
    assert "Manaus" not in answer.sentence


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("running", "It waits for its turn: messages leave one after the other."),
        ("paused", "Its campaign is paused. It leaves when the campaign goes on."),
        ("held", "Its campaign has not begun."),
    ],
)
def test_what_waits_without_a_verdict_waits_for_its_run(
    connection: Connection, state: str, words: str
) -> None:
    run = Stream.objects.create(kind="campaign", state=state)
    message = factories.an_outgoing(connection, stream=run)
    answer = why.of(messages_to_explain().get(pk=message.pk))
    assert (answer.code, answer.sentence) == ("", words)


def test_what_was_sent_has_nothing_against_it(connection: Connection) -> None:
    message = factories.an_outgoing(connection, dispatch="accepted")
    assert why.of(message).sentence == "It was sent; nothing spoke against it."
