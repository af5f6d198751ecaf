"""The calendar shows what begins on which day of the company's clock."""

from datetime import UTC, date, datetime, timedelta

from campaigns import calendar
from campaigns.enums import CampaignState
from campaigns.models import Campaign
from campaigns.services.campaigns import create_campaign
from tenants.models import Company


def a_day(name: str, at: datetime, state: str = CampaignState.SCHEDULED) -> None:
    campaign = create_campaign(name=name, by=None, actor="system", scheduled_at=at)
    Campaign.objects.filter(pk=campaign.pk).update(state=state)


def shown(first: date, last: date) -> dict[str, list[str]]:
    return {
        str(day.date): [one.name for one in day.campaigns]
        for day in calendar.days(first, last)
        if day.campaigns
    }


def test_days_are_the_companys(company: Company) -> None:
    # Two in the morning in London is still the evening before in São Paulo.
    a_day("late", datetime(2026, 11, 28, 2, 0, tzinfo=UTC))
    a_day("early", datetime(2026, 11, 27, 12, 0, tzinfo=UTC))
    a_day("draft", datetime(2026, 11, 27, 12, 0, tzinfo=UTC), CampaignState.DRAFT)
    first = date(2026, 11, 27)
    assert shown(first, first) == {"2026-11-27": ["early", "late"]}
    assert shown(first + timedelta(days=1), first + timedelta(days=1)) == {}


def test_what_began_stands_on_the_day_it_began(company: Company) -> None:
    a_day("moved", datetime(2026, 11, 27, 12, 0, tzinfo=UTC), CampaignState.COMPLETED)
    Campaign.objects.update(started_at=datetime(2026, 11, 30, 12, 0, tzinfo=UTC))
    assert shown(date(2026, 11, 1), date(2026, 11, 30)) == {"2026-11-30": ["moved"]}


def test_a_month_is_shown_in_whole_weeks(company: Company) -> None:
    days = calendar.month(date(2026, 11, 21))
    assert (days[0].date, days[-1].date) == (date(2026, 10, 26), date(2026, 12, 6))
    assert len(days) % 7 == 0


def test_a_month_that_fits_its_weeks_has_no_more(company: Company) -> None:
    days = calendar.month(date(2027, 2, 10))
    assert (days[0].date, days[-1].date, len(days)) == (
        date(2027, 2, 1),
        date(2027, 2, 28),
        28,
    )


def test_no_more_than_two_months_are_shown(company: Company) -> None:
    assert len(calendar.days(date(2026, 1, 1), date(2026, 12, 31))) == calendar.LONGEST
