"""What messages say, and their files, go after their time; what is to be sent does not."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from campaigns.models import Campaign
from conversations.models import MessageFile, MessageText
from conversations.services import files as files_of_inbox
from conversations.services import texts
from core import files, scope
from core.errors import Conflict
from core.ids import first_uuid7, uuid7
from messaging.enums import Direction, DispatchState, MediaState, MessageKind, Origin
from messaging.models import Media, Message, Thread
from messaging.retention import GONE
from messaging.services import outbox
from team.models import RetentionRun
from team.services import retention
from tenants.models import Company
from tests.campaigns.factories import a_campaign, a_connection
from tests.crm.factories import a_contact


def key(days: int) -> uuid.UUID:
    """An id that was made so many days ago."""
    at = first_uuid7(timezone.now() - timedelta(days=days)).int
    return uuid.UUID(int=at | (uuid7().int & ((1 << 80) - 1)))


def a_message(days: int, **values: Any) -> Message:
    contact, number = a_contact(), a_connection()
    thread = Thread.objects.create(contact=contact, connection=number, address="+5511987650000")
    message = Message.objects.create(
        **{
            "id": key(days), "thread": thread, "contact": contact, "connection": number,
            "direction": Direction.IN, "kind": MessageKind.TEXT, "origin": Origin.CUSTOMER,
            "content": {"text": "segredo"}, "address": thread.address, **values,
        }
    )  # fmt: skip
    texts.note(message=message)
    return message


def a_file(days: int) -> Media:
    stored = files.save(b"\x89PNG\r\n\x1a\n", "image", "a.png", company=scope.required_company_id())
    return Media.objects.create(
        id=key(days), kind=MessageKind.IMAGE, key=stored.key, filename="a.png", size=8
    )


def a_night(code: str, days: int = 30) -> None:
    retention.set_period(code=code, days=days)
    retention.begin()
    retention.run(code)


def test_old_words_go_from_the_message_and_from_search_and_young_ones_stay(
    company: Company,
) -> None:
    old, young = a_message(31), a_message(29)
    a_night("messages")
    assert [Message.objects.get(pk=one.pk).content for one in (old, young)] == [
        GONE, {"text": "segredo"},
    ]  # fmt: skip
    assert list(MessageText.objects.values_list("pk", flat=True)) == [young.pk]


@pytest.mark.parametrize("state", [DispatchState.PLANNED, DispatchState.UNKNOWN])
def test_what_is_still_to_be_sent_keeps_its_words(company: Company, state: DispatchState) -> None:
    waiting = a_message(400, direction=Direction.OUT, dispatch=state)
    a_night("messages")
    assert Message.objects.get(pk=waiting.pk).content == {"text": "segredo"}


def test_lines_of_what_the_team_did_stay_and_notes_do_not(company: Company) -> None:
    did = {"code": "resolved"}
    line, note = (
        a_message(60, direction=Direction.INTERNAL, content=content)
        for content in (did, {"text": "liga pra Ana"})
    )
    a_night("messages")
    assert [Message.objects.get(pk=one.pk).content for one in (line, note)] == [did, GONE]


def test_old_files_go_and_those_that_a_campaign_sends_stay(company: Company) -> None:
    old, young, used = a_file(31), a_file(29), a_file(31)
    Campaign.objects.filter(pk=a_campaign().pk).update(media=used)
    message = a_message(31, media=old)
    a_night("media")
    states = [Media.objects.get(pk=one.pk).state for one in (old, young, used)]
    assert states == [MediaState.FAILED, MediaState.READY, MediaState.READY]
    with pytest.raises(FileNotFoundError):
        files.open(old.key)
    assert Message.objects.get(pk=message.pk).media_id == old.pk


def test_an_old_file_that_was_sent_again_lately_stays(company: Company) -> None:
    file = a_file(400)
    for days in (400, 29):
        files_of_inbox.note(message=a_message(days, media=file))
    a_night("media")
    assert Media.objects.get(pk=file.pk).state == MediaState.READY
    MessageFile.objects.filter(
        message__gte=first_uuid7(timezone.now() - timedelta(days=30))
    ).delete()
    RetentionRun.objects.update(begun_at=timezone.now() - timedelta(days=32))
    retention.begin()
    retention.run("media")
    assert Media.objects.get(pk=file.pk).state == MediaState.FAILED


def test_what_was_passed_by_while_it_was_to_be_sent_goes_another_month(company: Company) -> None:
    waiting = a_message(60, direction=Direction.OUT, dispatch=DispatchState.PLANNED)
    a_message(50)
    a_night("messages")
    Message.objects.filter(pk=waiting.pk).update(dispatch=DispatchState.ACCEPTED)
    RetentionRun.objects.update(begun_at=timezone.now() - timedelta(days=32))
    retention.begin()
    retention.run("messages")
    assert Message.objects.get(pk=waiting.pk).content == GONE


def test_a_message_without_its_words_is_not_sent_again(company: Company) -> None:
    failed = a_message(60, direction=Direction.OUT, dispatch=DispatchState.REJECTED)
    assert outbox.resendable([failed])
    a_night("messages")
    failed.refresh_from_db()
    assert not outbox.resendable([failed])
    with pytest.raises(Conflict) as refused:
        outbox.resend(message=failed, author=None)
    assert refused.value.code == "resend_forgotten"
