"""The log as its readers look through it."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from core.ids import encode, first_uuid7, uuid7
from events import actors, log
from events.models import Delivery, Event
from tenants.enums import Role
from tenants.models import Company
from tenants.services.authors import person_actor
from tests.conftest import make_member
from tests.events.conftest import inside


def fill(count: int, type_: str = "member.joined", **more: Any) -> list[Event]:
    return Event.objects.bulk_create(
        Event(**{"type": type_, "data": {"name": f"Person {number}"}, "actor": "system", **more})
        for number in range(count)
    )


def shown(**filters: str) -> list[Event]:
    return log.page(log.Filters.of(filters)).events


def test_pages_go_back_in_time_without_gaps(company: Company) -> None:
    fill(120)
    first = log.page(log.Filters())
    second = log.page(log.Filters(), cursor=first.next)
    third = log.page(log.Filters(), cursor=second.next)
    uids = [event.uid for page in (first, second, third) for event in page.events]
    assert (len(uids), uids, third.next) == (120, sorted(uids, reverse=True), "")


def test_events_are_found_by_type_by_group_and_by_several(company: Company) -> None:
    fill(2), fill(3, "member.left"), fill(1, "campaign.created")
    assert len(shown(type="member.left")) == 3
    assert len(shown(type="member.*")) == 5
    assert len(shown(type="member.left,campaign.created")) == 4
    assert shown(type="no.such") == []


def test_any_id_in_the_data_is_found_also_in_its_public_form(company: Company) -> None:
    contact = uuid7()
    [about] = fill(1, data={"contact_id": str(contact), "counts": {"sent": 1}})
    [order] = fill(1, data={"order_id": "PED-77", "fields": {}})
    fill(5)
    assert shown(about=str(contact)) == [about]
    assert shown(about=encode("con", contact)) == [about]
    assert shown(about="PED-77") == [order]
    assert shown(about="PED-7") == []


def test_text_is_found_in_any_case(company: Company) -> None:
    fill(12)
    assert len(shown(q="person 1")) == 3
    assert len(shown(q="PERSON 11", type="member.joined")) == 1
    assert shown(q="person 11", type="member.left") == []


def test_a_period_takes_whole_days_of_the_companys_clock(company: Company) -> None:
    now = timezone.localtime()
    yesterday = now - timedelta(days=1)
    [old] = fill(1, uid=first_uuid7(yesterday), occurred_at=yesterday)
    [new] = fill(1)
    assert shown(until=yesterday.date().isoformat()) == [old]
    assert shown(since=now.date().isoformat()) == [new]
    assert len(shown(since="nonsense", until="2026-99-99")) == 2
    assert len(shown(since="1900-01-01", until="9999-12-31")) == 2


def test_who_did_it_is_said_in_words(aurora: Company, company: Company) -> None:
    person = make_member(aurora, Role.ADMIN)
    mine = person_actor(person.pk)
    fill(1, actor=mine), fill(2)
    assert [event.actor for event in shown(actor=mine)] == [mine]
    names = actors.names_of([mine, "system", "person:gone", "automation:7"])
    assert names == {
        mine: person.get_full_name(),
        "system": "The system",
        "person:gone": "Somebody who has left",
        "automation:7": "automation:7",
    }
    assert (mine, person.get_full_name()) in actors.choices(aurora.pk)


def test_what_came_since_is_counted_with_the_same_filters(company: Company) -> None:
    fill(1)
    since = log.newest()
    fill(3), fill(1, "member.left")
    assert log.newer(log.Filters(), cursor=since) == 4
    assert log.newer(log.Filters(type="member.left"), cursor=since) == 1


def test_a_query_says_the_same_filters_again() -> None:
    filters = log.Filters.of(
        {"type": "member.*", "since": "2026-11-01", "about": "PED-77", "q": "ana & bia"}
    )
    assert log.Filters.of_query(filters.query) == filters


def test_the_page_shows_the_data_the_author_and_the_trace(
    company: Company, client_for: Any
) -> None:
    [event] = fill(1)
    Delivery.objects.create(event=event, subscriber="test.nobody", state="dead", error="No kettle")
    page = client_for(company, Role.ADMIN).get(f"/c/aurora/events/{event.sequence}/")
    assert page.context["payload"] == '{\n  "name": "Person 0"\n}'
    assert page.context["name"] == "The system"
    [(_label, [row])] = page.context["traces"]
    assert (row.title, row.tone, row.detail) == ("test.nobody", "danger", "No kettle")
    assert b"No kettle" in page.content


def test_a_fragment_is_answered_to_htmx(company: Company, client_for: Any) -> None:
    client = client_for(company)
    fill(60)
    found = client.get("/c/aurora/events/?q=nothing", headers={"HX-Request": "true"})
    assert (found.status_code, b"<html" in found.content) == (200, False)
    first = client.get("/c/aurora/events/")
    more = client.get(f"/c/aurora/events/?cursor={first.context['page'].next}")
    assert more.content.strip().startswith(b"<tr")


def test_the_line_of_new_events_leads_to_them(aurora: Company, client_for: Any) -> None:
    client = client_for(aurora)
    with inside(aurora):
        fill(1)
        since = log.newest()
    address = f"/c/aurora/events/newer/?after={since}"
    assert b"<a " not in client.get(address).content
    with inside(aurora):
        fill(2)
    assert b"2 new events" in client.get(address).content
