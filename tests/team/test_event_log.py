"""The log as its page reads it."""

from typing import Any

from events.models import Event
from team.event_log import event_page
from tenants.enums import Role
from tenants.models import Company


def fill(count: int, type_: str = "member.joined") -> None:
    Event.objects.all().delete()
    Event.objects.bulk_create(
        Event(type=type_, data={"name": f"Person {number}"}, actor="system")
        for number in range(count)
    )


def test_pages_go_back_in_time_without_gaps(company: Company) -> None:
    fill(120)
    first = event_page(type_="", text="", before="")
    second = event_page(type_="", text="", before=first.next)
    third = event_page(type_="", text="", before=second.next)
    sequences = [event.sequence for page in (first, second, third) for event in page.events]
    assert (len(sequences), sequences, third.next) == (120, sorted(sequences, reverse=True), "")


def test_events_are_found_by_kind_and_by_what_they_hold(company: Company) -> None:
    fill(12)
    assert len(event_page(type_="", text="person 1", before="").events) == 3
    assert event_page(type_="member.left", text="", before="").events == []
    assert len(event_page(type_="no.such", text="", before="nonsense").events) == 12


def test_the_page_shows_the_data_of_one(company: Company, client_for: Any) -> None:
    fill(1)
    sequence = Event.objects.get().sequence
    page = client_for(company, Role.ADMIN).get(f"/c/aurora/settings/events/{sequence}/")
    assert page.context["payload"] == '{\n  "name": "Person 0"\n}'


def test_a_fragment_is_answered_to_htmx(company: Company, client_for: Any) -> None:
    client = client_for(company)
    fill(1)
    page = client.get("/c/aurora/settings/events/?q=nothing", headers={"HX-Request": "true"})
    assert (page.status_code, b"<html" in page.content) == (200, False)
