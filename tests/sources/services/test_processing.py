"""Posts are understood each on its own, exactly once, and given up at the end."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.utils import timezone

from core.errors import Conflict
from events.models import Incident
from tenants.models import Company
from tests.sources import posting
from webhooks.sources.enums import Outcome, ReceivedState
from webhooks.sources.models import Received, Source, Told
from webhooks.sources.services import enquiries, intake, processing, sources, telling
from webhooks.sources.services.people import Saying


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: object) -> None:
        message = "boom"
        raise RuntimeError(message)

    monkeypatch.setattr(telling, "tell", fails)


def overdue() -> None:
    Received.objects.update(due_at=timezone.now() - timedelta(seconds=1))


def test_a_failing_post_is_tried_again_later_and_later_and_then_given_up(
    company: Company, source: Source, broken: None
) -> None:
    posting.post(source, posting.PIX)
    waits = []
    for _ in range(6):
        overdue()
        posting.work(company)
        one = posting.received()
        waits.append(round((one.due_at - timezone.now()).total_seconds()))
    assert waits[:5] == [5, 30, 300, 1800, 7200]
    assert (one.state, one.attempts, one.error) == (ReceivedState.DEAD, 6, "RuntimeError: boom")
    assert posting.told() == []
    assert Incident.objects.get(closed_at=None).scope == "dead_letters:sources"


def test_what_failed_is_done_when_somebody_asks_and_only_once(
    company: Company, source: Source, monkeypatch: pytest.MonkeyPatch, broken: None
) -> None:
    posting.post(source, posting.PIX)
    posting.work(company)
    monkeypatch.undo()
    for _ in range(3):
        processing.process_again(received=posting.received())
        posting.work(company)
    one = posting.received()
    assert (one.state, one.outcome, one.replayed) == (ReceivedState.PROCESSED, Outcome.TOLD, 3)
    assert len(posting.told()) == 1


def test_who_is_too_late_changes_nothing(
    company: Company, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    def outlives_its_lease(*_args: object) -> None:
        monkeypatch.undo()
        overdue()
        processing.process("")  # somebody else, meanwhile
        message = "the vendor took too long"
        raise TimeoutError(message)

    monkeypatch.setattr(enquiries, "details_of", outlives_its_lease)
    posting.post(source, posting.PIX)
    posting.work(company)
    one = posting.received()
    assert (one.state, one.attempts, one.error) == (ReceivedState.PROCESSED, 2, "")


def test_a_pasted_sample_is_never_told(company: Company, source: Source) -> None:
    sample = intake.keep_sample(source=source, body=b"{}", data=posting.PIX)
    with pytest.raises(Conflict):
        processing.process_again(received=sample)
    posting.work(company)
    assert posting.told() == []


def test_what_a_deleted_source_posted_stays_as_it_is(company: Company, source: Source) -> None:
    posting.post(source, {"a": 1})
    posting.work(company)
    sources.delete_source(source=source)
    with pytest.raises(Conflict):
        processing.process_again(received=posting.received())


def test_one_bad_post_holds_up_no_other(
    company: Company, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell = telling.tell

    def fails_for_one(sayings: Sequence[Saying]) -> list[Told]:
        if any(one.said.order_id == "bad" for one in sayings):
            message = "boom"
            raise RuntimeError(message)
        return tell(sayings)

    monkeypatch.setattr(telling, "tell", fails_for_one)
    for number in ("1", "bad", "2"):
        posting.post(source, {**posting.PIX, "eventId": number, "orderId": number})
    posting.work(company)
    assert [event.data["order_id"] for event in posting.told()] == ["1", "2"]


def test_what_says_nothing_is_kept_and_says_so(company: Company, source: Source) -> None:
    custom = posting.a_source("custom")
    posting.post(custom, {"a": 1})
    posting.post(source, {"a": 1})
    posting.post(source, b"\xff")
    posting.work(company)
    rows = Received.objects.order_by("received_at", "pk")
    assert list(rows.values_list("state", "outcome")) == [
        (ReceivedState.IGNORED, Outcome.UNMAPPED),
        (ReceivedState.IGNORED, Outcome.UNMAPPED),
        (ReceivedState.IGNORED, Outcome.UNREAD),
    ]


def test_a_kind_of_the_systems_own_is_told_as_such(company: Company, source: Source) -> None:
    body = {"event": "nota_fiscal_emitida", "id": 1, "email": "ana@example.com"}
    posting.post(source, body)
    posting.work(company)
    [event] = posting.told()
    assert (event.type, event.data["kind"]) == ("source.said", "nota_fiscal_emitida")


def test_the_mapping_that_somebody_made_comes_first(company: Company, source: Source) -> None:
    mapping = {"fields": {"email": "email", "kind": "event"}, "kinds": {"nf": "lead.created"}}
    sources.update_source(source=source, changes={"mapping": mapping})
    posting.post(source, {"event": "nf", "email": "ana@example.com"})
    posting.work(company)
    assert [event.type for event in posting.told()] == ["lead.created"]
