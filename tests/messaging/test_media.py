"""Files that people sent us: fetched soon, tried again, and marked when they never come."""

import pytest

from connections.models import Connection
from core import files
from core.ids import uuid7
from core.models import AgendaRow
from core.scope import required_company_id
from events.models import Event
from messaging.enums import MediaState, MessageKind
from messaging.models import Media, Message
from messaging.services import media
from sandbox.testing import Handle
from tenants.models import Company
from tests.messaging import factories


@pytest.fixture
def connection(company: Company, sandbox: Handle) -> Connection:
    return factories.a_connection()


def pending(connection: Connection, external_id: str) -> Media:
    row = Media.objects.create(
        id=uuid7(),
        kind=MessageKind.IMAGE,
        state=MediaState.PENDING,
        external_id=external_id,
        connection=connection,
    )
    factories.an_outgoing(connection, media=row, dispatch="")
    return row


def a_picture_there(sandbox: Handle) -> str:
    """A picture that the provider holds; returns its handle."""
    answer = sandbox.http.post(
        f"{sandbox.graph}/{factories.NUMBER}/media",
        headers={"Authorization": "Bearer sandbox-token"},
        data={"messaging_product": "whatsapp", "type": "image/png"},
        files={"file": ("foto.png", factories.PNG, "image/png")},
    )
    return str(answer.json()["id"])


def test_a_file_is_brought_here_and_told(connection: Connection, sandbox: Handle) -> None:
    row = pending(connection, a_picture_there(sandbox))

    media.fetch(str(row.pk))

    row.refresh_from_db()
    assert (row.state, row.mime, row.size) == (MediaState.READY, "image/png", len(factories.PNG))
    with files.open(row.key) as stored:
        assert stored.read() == factories.PNG
    message = Message.objects.get(media=row)
    event = Event.objects.get(type="media.fetched")
    assert (event.data["message_id"], event.data["state"]) == (str(message.pk), "ready")


def test_a_file_that_the_provider_no_longer_has_is_marked(connection: Connection) -> None:
    row = pending(connection, "1234567890")

    media.fetch(str(row.pk))

    row.refresh_from_db()
    assert (row.state, row.error != "") == (MediaState.FAILED, True)


def test_while_the_provider_fails_it_is_tried_again_later(
    connection: Connection, sandbox: Handle
) -> None:
    handle = a_picture_there(sandbox)
    rule = {"when": {"method": "GET"}, "do": "500_json"}
    sandbox.http.post("/_sandbox/faults", json={"provider": "meta", "rules": [rule]})
    row = pending(connection, handle)

    media.fetch(str(row.pk))
    media.fetch(str(row.pk))  # too early: nothing happens

    row.refresh_from_db()
    assert (row.state, row.attempts) == (MediaState.PENDING, 1)
    again = AgendaRow.objects.get(kind="messaging.fetch_media", key=str(row.pk))
    assert again.due_at == row.external_until


def test_after_six_deaths_it_is_given_up(connection: Connection) -> None:
    row = pending(connection, "1234567890")
    for _ in range(6):
        media._begin_attempt(row.pk)
        Media.objects.update(external_until=None)

    media.fetch(str(row.pk))

    row.refresh_from_db()
    assert row.state == MediaState.FAILED


def test_numbers_by_turns_upload_a_file_once_each(connection: Connection, sandbox: Handle) -> None:
    account = sandbox.http.get("/_sandbox/accounts").json()["results"][0]
    other = next(one["id"] for one in account["numbers"] if one["id"] != connection.external_id)
    sister = factories.a_connection(other)
    stored = files.save(factories.PNG, "image", "foto.png", company=required_company_id())
    row = Media.objects.create(
        kind=MessageKind.IMAGE, key=stored.key, mime=stored.mime, filename="foto.png"
    )
    first = [media.provider_handle(media=row, connection=one) for one in (connection, sister)]
    again = [media.provider_handle(media=row, connection=one) for one in (connection, sister)]
    assert first == again
    assert len(set(first)) == 2
