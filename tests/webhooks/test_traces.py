"""What each app tells in the event log of what became of an event, and of what it gave up."""

from django.utils import timezone

from core.ids import uuid7
from core.models import AgendaRow
from events import traces
from events.dead_letters import boxes
from events.models import Event
from tenants.models import Company
from webhooks.endpoints.enums import DispatchState, EndpointState, Failure
from webhooks.endpoints.models import Dispatch, Endpoint, WebhookEvent
from webhooks.sources.enums import ReceivedState
from webhooks.sources.models import Received, Source, Told


def a_post(**fields: object) -> Received:
    source = Source.objects.create(name="Loja", preset="generic", token=uuid7().hex)
    return Received.objects.create(
        source=source,
        **{"envelope_id": uuid7(), "raw": b"{}", "sha256": "0" * 64, **fields},
    )


def a_dispatch(event: Event, **fields: object) -> Dispatch:
    endpoint = Endpoint.objects.create(name="ERP", url="https://erp.example/hook")
    body = WebhookEvent.objects.create(id=event.uid, type=event.type, body="{}")
    return Dispatch.objects.create(endpoint=endpoint, event=body, **fields)


def an_event() -> Event:
    return Event.objects.create(type="purchase.approved", data={}, actor="system")


def test_an_event_tells_the_post_it_came_from_and_where_it_went(company: Company) -> None:
    event = an_event()
    post = a_post(state=ReceivedState.PROCESSED)
    Told.objects.create(
        source=post.source, received=post, key="k", kind=event.type, event_uid=event.uid
    )
    a_dispatch(event, state=DispatchState.WAITING, failure=Failure.STATUS, last_status=503)
    came, went = traces.of(event)
    assert [row.title for row in came[1]] == ["Loja"]
    assert [(row.title, row.tone) for row in went[1]] == [("ERP", "warning")]
    assert went[1][0].detail == "The address answered with an error. (503)"
    assert traces.of(an_event()) == []


def test_posts_that_were_given_up_are_tried_again_or_left(company: Company) -> None:
    box = boxes["sources"]
    one, other = (
        a_post(state=ReceivedState.DEAD, error="KeyError: 'x'", processed_at=timezone.now())
        for _ in range(2)
    )
    assert [(cause.text, cause.count) for cause in box.causes()] == [("KeyError: 'x'", 2)]
    box.redrive([one.pk])
    box.discard([other.pk])
    states = dict(Received.objects.values_list("pk", "state"))
    assert states == {one.pk: ReceivedState.RECEIVED, other.pk: ReceivedState.IGNORED}
    assert AgendaRow.objects.filter(kind="sources.process").exists()
    assert box.count() == 0


def test_what_an_endpoint_did_not_take_is_sent_again_unless_it_is_off(company: Company) -> None:
    box = boxes["endpoints"]
    dead = {"state": DispatchState.DEAD, "failure": Failure.TIMEOUT, "finished_at": timezone.now()}
    on, off = a_dispatch(an_event(), **dead), a_dispatch(an_event(), **dead)
    Endpoint.objects.filter(pk=off.endpoint_id).update(state=EndpointState.DISABLED)
    [cause] = box.causes()
    assert (box.meaning(cause.text), cause.count) == ("No answer in 15 seconds.", 2)
    assert {letter.of for letter in box.letters()} == {"ERP"}
    box.redrive([on.pk, off.pk])
    states = dict(Dispatch.objects.values_list("pk", "state"))
    assert states == {on.pk: DispatchState.PENDING, off.pk: DispatchState.DEAD}
    box.discard([off.pk])
    assert box.count() == 0
