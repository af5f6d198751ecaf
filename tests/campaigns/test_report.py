"""The report counts rows: the funnel, causes with the right next step, variants, a story."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from campaigns import report
from campaigns.enums import NextStep
from campaigns.models import Campaign
from messaging.enums import Direction, DispatchState, MessageKind, Origin, Rank
from messaging.models import Message, Receipt
from tenants.models import Company
from tests.campaigns.factories import a_campaign, a_connection, a_template
from tests.campaigns.test_lifecycle import contacts, run

D = DispatchState


@pytest.fixture
def campaign(company: Company) -> Campaign:
    contacts(6)
    return run(a_campaign())


def fate(number: int, **fields: Any) -> Message:
    """Let something happen to the recipient of that place."""
    message = Message.objects.order_by("pk")[number]
    Message.objects.filter(pk=message.pk).update(**fields)
    return Message.objects.get(pk=message.pk)


def test_each_stage_is_a_part_of_what_was_sent(campaign: Campaign) -> None:
    now = timezone.now()
    fate(0, dispatch=D.ACCEPTED)
    fate(1, dispatch=D.ACCEPTED, rank=Rank.DELIVERED)
    fate(2, dispatch=D.ACCEPTED, rank=Rank.READ, replied_at=now, clicked_at=now)
    fate(3, dispatch=D.ACCEPTED, rank=Rank.READ, opted_out_at=now)
    fate(4, dispatch=D.ACCEPTED, failed_at=now, code="131026")
    assert [(stage.name, stage.count, stage.share) for stage in report.funnel(campaign)] == [
        ("sent", 4, 100.0),
        ("delivered", 3, 75.0),
        ("read", 2, 50.0),
        ("replied", 1, 25.0),
        ("clicked", 1, 25.0),
        ("opted_out", 1, 25.0),
    ]


@pytest.mark.parametrize(
    ("fields", "group", "step", "again"),
    [
        ({"dispatch": D.REJECTED, "code": "131026"}, "failed", NextStep.CONTACTS, False),
        ({"dispatch": D.REJECTED, "code": "131050"}, "failed", NextStep.CONTACTS, False),
        ({"dispatch": D.REJECTED, "code": "190"}, "failed", NextStep.NUMBER, True),
        ({"dispatch": D.REJECTED, "code": "132001"}, "failed", NextStep.TEMPLATE, True),
        (
            {"dispatch": D.REJECTED, "code": "attempts_exhausted"},
            "failed",
            NextStep.RESEND,
            True,
        ),
        ({"dispatch": D.RETRY_WAIT, "code": "131049"}, "waiting", NextStep.WAIT, False),
        ({"dispatch": D.RETRY_WAIT, "code": "132015"}, "waiting", NextStep.TEMPLATE, False),
        ({"dispatch": D.UNKNOWN, "code": "no_answer"}, "unknown", NextStep.WAIT, False),
        ({"dispatch": D.EXPIRED, "code": "expired"}, "expired", NextStep.RESEND, True),
        ({"dispatch": D.SKIPPED, "code": "opted_out"}, "skipped", NextStep.CONTACTS, False),
        ({"dispatch": D.SKIPPED, "code": "no_consent"}, "skipped", NextStep.CONTACTS, True),
    ],
    ids=lambda value: str(value.get("code")) if isinstance(value, dict) else "",
)
def test_a_cause_comes_with_the_step_that_helps(
    campaign: Campaign, fields: dict[str, Any], group: str, step: NextStep, again: bool
) -> None:
    fate(0, **fields)
    [found] = report.failures(campaign)
    assert (found.reason.code, found.group, found.count) == (fields["code"], group, 1)
    assert (found.next_step, found.can_resend) == (step, again)
    assert str(found.reason.sentence)


def test_variants_stand_beside_the_group_that_was_kept_out(company: Company) -> None:
    contacts(40)
    number = a_connection()
    templates = [a_template(number), a_template(number)]
    variables = {"nome": {"value": "gente"}}
    variants = [{"template": str(one.pk), "variables": variables} for one in templates]
    campaign = run(a_campaign(templates[0], variants=variants, holdout_percent=50))
    sent = Message.objects.exclude(variant="holdout")
    sent.update(dispatch=D.ACCEPTED)
    sent.filter(variant="A").update(replied_at=timezone.now())
    held = list(Message.objects.filter(variant="holdout").order_by("pk"))
    wrote(held[0], timezone.now() + timedelta(days=1))
    wrote(held[1], timezone.now() + timedelta(days=8))  # too late to count

    found = {row.key: row for row in report.by_variant(campaign)}

    base = report.percent(1, len(held))
    assert list(found) == ["A", "B", "holdout"]
    assert (found["holdout"].counts["total"], found["holdout"].counts["replied"]) == (
        len(held),
        1,
    )
    assert found["A"].uplift == round(100 - base, 1)
    assert found["B"].uplift == round(0 - base, 1)
    assert found["A"].template == templates[0].name


def test_a_version_that_nobody_got_yet_stands_there_with_nothing(company: Company) -> None:
    contacts(40)
    templates = [a_template(number := a_connection()), a_template(number)]
    variants = [
        {"template": str(one.pk), "variables": {"nome": {"value": "gente"}}} for one in templates
    ]
    campaign = run(a_campaign(templates[0], variants=variants, holdout_percent=50))
    Message.objects.filter(variant="B").update(variant="A")
    [_first, second, _held] = report.by_variant(campaign)
    assert (second.key, second.counts["total"], second.uplift) == ("B", 0, None)


def wrote(row: Message, at: Any) -> None:
    """The person of a row writes to us."""
    Message.objects.create(
        contact=row.contact,
        connection=row.connection,
        direction=Direction.IN,
        kind=MessageKind.TEXT,
        origin=Origin.CUSTOMER,
        at=at,
        external_id=f"wamid.{row.pk}",
    )


def test_money_is_told_by_currency_and_by_whose_word_it_is(campaign: Campaign) -> None:
    fate(0, cost=Decimal("0.31"), currency="BRL", is_billed=True)
    fate(1, cost=Decimal("0.30"), currency="BRL")
    fate(2, cost=Decimal("0.06"), currency="USD")
    assert [(one.currency, one.billed, one.held, one.total) for one in report.costs(campaign)] == [
        ("BRL", Decimal("0.31"), Decimal("0.30"), Decimal("0.61")),
        ("USD", Decimal(0), Decimal("0.06"), Decimal("0.06")),
    ]


def test_a_story_is_told_in_order(campaign: Campaign) -> None:
    now = timezone.now() + timedelta(minutes=1)
    message = fate(0, dispatch=D.ACCEPTED, accepted_at=now, replied_at=now + timedelta(hours=1))
    Receipt.objects.create(message=message, kind="delivered", at=now + timedelta(minutes=5))
    Receipt.objects.create(
        message=message, kind="failed", at=now + timedelta(minutes=1), code="131026"
    )
    story = report.timeline(message, provider="whatsapp_cloud")
    assert [moment.kind for moment in story] == [
        "planned",
        "accepted",
        "failed",
        "delivered",
        "replied",
    ]
    assert story[2].reason is not None
    assert story[2].reason.code == "131026"


def test_within_a_second_a_story_goes_its_natural_way(campaign: Campaign) -> None:
    second = timezone.now().replace(microsecond=0)
    message = fate(0, dispatch=D.ACCEPTED, accepted_at=second + timedelta(milliseconds=1700))
    message.created_at = second + timedelta(milliseconds=600)
    Receipt.objects.create(message=message, kind="failed", at=second, code="131026")
    Receipt.objects.create(message=message, kind="sent", at=second)
    story = report.timeline(message, provider="whatsapp_cloud")
    assert [moment.kind for moment in story] == ["planned", "accepted", "sent", "failed"]
