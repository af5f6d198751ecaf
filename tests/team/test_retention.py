"""What is kept for how long: bounds, the nightly forgetting, and what survives a death half-way."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from core import retention as registry
from core import scope
from core.agenda import slices
from core.errors import Invalid
from core.ids import first_uuid7, uuid7
from core.models import AgendaRow
from core.retention import Deleting, Forgotten, Kind, Walking
from events.models import Event
from team.models import Member, Notification, RetentionRule, RetentionRun
from team.services import retention
from team.tasks import begin_retention
from tenants.enums import Role
from tenants.links import company_path
from tenants.models import Company, Person

CODE = "notifications"


@pytest.fixture
def member(company: Company, people: dict[str, Person]) -> Member:
    """The company's owner."""
    return Member.objects.get(person_id=people[Role.OWNER].pk)


def told(member: Member, *days_ago: int) -> None:
    """Notifications, so many days old."""
    for days in days_ago:
        at = timezone.now() - timedelta(days=days)
        key = first_uuid7(at).int | (uuid7().int & ((1 << 80) - 1))
        Notification.objects.create(
            id=uuid7().__class__(int=key), member=member, code=f"{days}", created_at=at
        )


def kept() -> list[str]:
    return sorted(Notification.objects.values_list("code", flat=True))


def a_night(code: str = CODE) -> RetentionRun | None:
    retention.begin()
    retention.run(code)
    return RetentionRun.objects.filter(kind=code).first()


def test_what_is_older_goes_and_what_is_younger_stays(company: Company, member: Member) -> None:
    told(member, 31, 29, 400)
    retention.set_period(code=CODE, days=30, by=member)
    night = a_night()
    assert kept() == ["29"]
    assert night is not None
    assert (night.count, night.ended_at is not None) == (2, True)
    assert list(retention.due(CODE)) == []
    assert Event.objects.get(type="retention.ran").data == {"kind": CODE, "count": 2}


def test_the_default_holds_until_somebody_chooses(company: Company, member: Member) -> None:
    told(member, 364, 366)
    assert retention.period(CODE).days == 365
    a_night()
    assert kept() == ["364"]


def test_for_ever_forgets_nothing(company: Company, member: Member) -> None:
    told(member, 4000)
    retention.set_period(code=CODE, days=None)
    assert a_night() is None
    assert kept() == ["4000"]


def test_a_change_is_a_fact_and_the_same_again_is_none(company: Company, member: Member) -> None:
    for _ in range(2):
        retention.set_period(code=CODE, days=30, by=member, actor="person:x")
    fact = Event.objects.get(type="retention.changed")
    assert (fact.actor, fact.data) == ("person:x", {"kind": CODE, "before": 365, "days": 30})
    rule = RetentionRule.objects.get()
    assert (rule.days, rule.changed_by) == (30, member)


@pytest.mark.parametrize(
    ("code", "days"),
    [(CODE, 6), (CODE, 0), ("received", None), ("received", 366), ("exports", 2), ("contacts", 90)],
)
def test_no_kind_is_kept_outside_its_bounds(company: Company, code: str, days: int | None) -> None:
    for verb in (retention.set_period, retention.preview):
        with pytest.raises(Invalid) as refused:
            verb(code=code, days=days)
        assert list(refused.value.errors) == ["days"]


def test_the_preview_counts_and_removes_nothing(company: Company, member: Member) -> None:
    told(member, 40, 35, 20)
    assert retention.preview(code=CODE, days=30) == 2
    assert retention.preview(code=CODE, days=None) == 0
    assert len(kept()) == 3


def test_a_run_that_died_goes_on_and_counts_nothing_twice(
    company: Company, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "BATCH", 2)
    told(member, 45, 44, 43, 42, 41, 1)
    retention.set_period(code=CODE, days=30)
    retention.begin()
    assert retention._batch(CODE)
    assert len(kept()) == 4
    retention.begin()  # the next night finds it unfinished and starts no other
    assert [key for key, _at in retention.due(None) if key == CODE] == [CODE]
    retention.run(CODE)
    assert kept() == ["1"]
    assert RetentionRun.objects.get(kind=CODE).count == 5


def test_a_change_ends_the_run_that_would_take_what_is_to_be_kept(
    company: Company, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "BATCH", 1)
    told(member, 45, 44, 43)
    retention.set_period(code=CODE, days=30)
    retention.begin()
    assert retention._batch(CODE)
    retention.set_period(code=CODE, days=None)
    retention.run(CODE)
    assert kept() == ["43", "44"]
    assert list(retention.due(CODE)) == []


def test_a_slice_that_is_over_leaves_the_rest_to_the_agenda(
    company: Company, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "BATCH", 1)
    monkeypatch.setattr(slices, "SECONDS", 0.0)
    told(member, 400, 401)
    retention.begin()
    before = AgendaRow.objects.filter(kind=retention.KIND, key=CODE).count()
    retention.run(CODE)
    assert AgendaRow.objects.filter(kind=retention.KIND, key=CODE).count() == before + 1


def test_nights_that_find_nothing_leave_one_line(company: Company, member: Member) -> None:
    for _ in range(3):
        a_night()
    assert RetentionRun.objects.filter(kind=CODE).count() == 1


def test_what_was_walked_is_not_walked_again_unless_the_period_changes(
    company: Company, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    walked: list[int] = []

    def rows(_before: datetime) -> QuerySet[Any]:
        return Notification.objects.all()

    def change(ids: list[Any]) -> int:
        walked.append(len(ids))
        return len(ids)

    kind = Kind("walks", "", "", 30, 1, None, 1, [Walking("walk", rows, change)])
    monkeypatch.setitem(registry.kinds, "walks", kind)
    told(member, 33, 32, 31, 20)
    a_night("walks")
    a_night("walks")
    assert walked == [3]
    RetentionRun.objects.update(begun_at=timezone.now() - timedelta(days=32))
    a_night("walks")  # a new month: what had to stay may go by now
    assert walked == [3, 3]
    retention.set_period(code="walks", days=15)
    a_night("walks")
    assert walked == [3, 3, 4]


def test_a_companys_choice_is_its_own(aurora: Company, boreal: Company) -> None:
    with scope.opened(aurora):
        retention.set_period(code=CODE, days=30)
    with scope.opened(boreal):
        assert retention.period(CODE).days == 365


def test_the_clock_begins_in_every_company(company: Company) -> None:
    with scope.public():
        begin_retention()
        schemas = AgendaRow.objects.filter(kind=retention.KIND).values_list("schema", flat=True)
        assert company.schema_name in set(schemas)


def test_a_company_in_trouble_holds_up_no_other(
    aurora: Company, boreal: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = retention.begin

    def fails_for_aurora() -> None:
        if scope.required_company_id() == aurora.pk:
            raise RuntimeError("boom")
        begin()

    monkeypatch.setattr(retention, "begin", fails_for_aurora)
    with scope.public():
        begin_retention()
        rows = AgendaRow.objects.filter(kind=retention.KIND)
        begun = set(rows.values_list("schema", flat=True))
    assert begun & {aurora.schema_name, boreal.schema_name} == {boreal.schema_name}


class TestPage:
    def test_a_shorter_period_is_saved_once_its_count_was_seen(
        self, aurora: Company, client_for: Callable[..., Client]
    ) -> None:
        client, url = client_for(aurora), company_path(aurora, "retention-edit")
        asked = client.post(f"{url}?kind={CODE}", {"days": "30"})
        assert asked.context["preview"]["count"] == 0
        with scope.opened(aurora):
            assert not RetentionRule.objects.exists()
        saved = client.post(f"{url}?kind={CODE}", {"days": "30", "seen": "30"})
        assert saved.status_code == 302
        page = client.get(company_path(aurora, "retention"))
        days = {row["period"].kind.code: row["period"].days for row in page.context["periods"]}
        assert days[CODE] == 30
        assert days["exports"] == 1

    def test_a_longer_one_is_saved_at_once(
        self, aurora: Company, client_for: Callable[..., Client]
    ) -> None:
        url = company_path(aurora, "retention-edit")
        assert client_for(aurora).post(f"{url}?kind={CODE}", {"days": "forever"}).status_code == 302
        with scope.opened(aurora):
            assert RetentionRule.objects.get().days is None

    def test_nonsense_is_told_and_an_unknown_kind_is_no_page(
        self, aurora: Company, client_for: Callable[..., Client]
    ) -> None:
        client, url = client_for(aurora), company_path(aurora, "retention-edit")
        for days in ("", "-3", "²", "9999999", "3"):
            assert client.post(f"{url}?kind={CODE}", {"days": days}).status_code == 422
        assert client.get(f"{url}?kind=nothing").status_code == 404

    def test_managers_do_not_see_it(
        self, aurora: Company, client_for: Callable[..., Client]
    ) -> None:
        page = client_for(aurora, Role.MANAGER).get(company_path(aurora, "retention"))
        assert page.status_code == 403


def test_the_api_shows_counts_and_changes(
    aurora: Company, api_client: Callable[..., APIClient]
) -> None:
    client = api_client(aurora, "retention.manage")
    assert {row["kind"]: row["days"] for row in client.get("/api/v1/retention/").json()}[
        CODE
    ] == 365
    wanted = {"kind": CODE, "days": 30, "dry_run": True}
    counted = client.patch("/api/v1/retention/", wanted, format="json").json()
    assert counted == {"would_remove": 0, "is_more": False}
    changed = client.patch("/api/v1/retention/", {"kind": CODE, "days": 30}, format="json").json()
    assert (changed["days"], changed["changed_at"] is not None) == (30, True)
    refused = client.patch("/api/v1/retention/", {"kind": "x", "days": 30}, format="json")
    assert refused.status_code == 422


def test_a_batch_is_bounded(company: Company, member: Member) -> None:
    told(member, 40)
    source = Deleting("x", lambda before: Notification.objects.filter(created_at__lt=before))
    assert source.forget(timezone.now(), "") == Forgotten(1, "", is_done=True)
