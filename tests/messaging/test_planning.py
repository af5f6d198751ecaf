"""Recipients become rows once, whatever is repeated, and change only while they wait."""

import pytest

from connections.models import Connection
from messaging.dispatch import lanes
from messaging.dispatch.claim import Claim
from messaging.enums import DispatchState
from messaging.models import Message, Stream, Template
from messaging.services import planning, streams
from tenants.models import Company
from tests.messaging import factories


@pytest.fixture
def connection(company: Company) -> Connection:
    return factories.a_connection()


@pytest.fixture
def template(connection: Connection) -> Template:
    return factories.a_template(connection)


@pytest.fixture
def stream(company: Company) -> Stream:
    return streams.create(kind="campaign")


def test_a_row_holds_what_the_recipient_says(
    connection: Connection, template: Template, stream: Stream
) -> None:
    [person] = factories.contacts(1)
    [one] = factories.recipients([person], connection, template)
    one.variables, one.content, one.variant = {"1": 'Ana "A"'}, {"body": "linha\nnova"}, "B"
    done = planning.plan(stream=stream, recipients=[one])
    row = Message.objects.get()
    assert done.written == {row.pk}
    assert (row.contact, row.variables, row.content, row.variant, row.dispatch) == (
        person,
        {"1": 'Ana "A"'},
        {"body": "linha\nnova"},
        "B",
        DispatchState.PLANNED,
    )
    assert (row.trace, row.media_id, row.resend_of_id) == (None, None, None)


def test_who_is_skipped_is_a_row_with_its_trace(
    connection: Connection, template: Template, stream: Stream
) -> None:
    found = factories.recipients(factories.contacts(2), connection, template)
    found[0].skip_code, found[0].trace = "no_consent", {"decision": "deny", "code": "no_consent"}
    done = planning.plan(stream=stream, recipients=found)
    assert (done.planned, done.skipped, done.duplicates) == (1, 1, 0)
    row = Message.objects.get(dispatch=DispatchState.SKIPPED)
    assert (row.code, row.trace) == ("no_consent", {"decision": "deny", "code": "no_consent"})


def test_what_waits_is_put_together_anew_and_what_left_is_not(
    connection: Connection, template: Template, stream: Stream
) -> None:
    found = factories.recipients(factories.contacts(3), connection, template)
    planning.plan(stream=stream, recipients=found)
    Message.objects.filter(pk=found[0].id).update(dispatch=DispatchState.ACCEPTED)
    for one in found:
        one.content = {"body": "new"}
    found[1].skip_code = "variable_missing"

    assert planning.replan(recipients=found, content_version=2) == 2

    rows = Message.objects.in_bulk([one.id for one in found])
    told = [
        (rows[one.id].content["body"], rows[one.id].content_version, rows[one.id].dispatch)
        for one in found
    ]
    assert told[0][1:] == (1, DispatchState.ACCEPTED)
    assert told[1:] == [("new", 2, DispatchState.SKIPPED), ("new", 2, DispatchState.PLANNED)]


def test_the_rest_does_not_go_before_its_content_is_decided(
    connection: Connection, template: Template, stream: Stream
) -> None:
    found = factories.recipients(factories.contacts(2), connection, template)
    found[0].variant = "rest"
    planning.plan(stream=stream, recipients=found)
    factories.start(stream)
    due = dict(Message.objects.values_list("pk", "due_at"))
    assert due == {found[0].id: None, found[1].id: due[found[1].id]}
    assert [item.id for item in Claim(connection.pk, lanes.RUNS).take(10)] == [found[1].id]

    found[0].variant = "B"
    planning.replan(recipients=found[:1], content_version=2)
    assert [item.id for item in Claim(connection.pk, lanes.RUNS).take(10)] == [found[0].id]
