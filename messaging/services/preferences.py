"""Wishes about marketing that arrive with messages.

A message that is a keyword is written down, obeyed, shown in the thread and answered once; a
refusal that the provider tells instead of sending is written down alike.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from connections.models import Connection
from connections.selectors import provider_of
from core.errors import DomainError
from crm import selectors as crm
from crm.enums import ConsentAction, Purpose
from crm.models import Contact
from crm.services import consents, keywords
from crm.services.keywords import Confirmation, Keyword
from messaging import bodies, progress
from messaging.enums import Direction, MessageKind, Origin, PublicState
from messaging.models import Message
from messaging.services import internal, outbox

log = structlog.get_logger(__name__)

# Which messages may be a keyword: what people write, and the buttons that say the same.
HEARD_IN = (MessageKind.TEXT, MessageKind.BUTTON, MessageKind.INTERACTIVE)
ONCE_IN = timedelta(hours=24)
# Where a message keeps that it is about a preference, and which.
MARK = "preference"


def heed(*, connection: Connection, message: Message) -> None:
    """Do what a received message asks for, if it is a keyword; in the transaction that stores it.

    Who asks to stop is suppressed on this channel and gets one confirmation a day, unless the
    provider obeys the word and answers it itself. A word that resumes counts for those alone who
    had stopped: to others it is an ordinary message.
    """
    if message.kind not in HEARD_IN:
        return
    keyword = keywords.match(str(message.content.get("text") or ""))
    if keyword is None:
        return
    provider = provider_of(connection)
    channel, wants = provider.channel, keyword.action == ConsentAction.OPT_IN
    if wants and not _is_out(message, channel):
        return
    by_provider = keyword.word.lower() in provider.capabilities.answered_keywords
    answer = None if by_provider else keywords.confirmation(keyword.action)
    consents.apply_preference(
        contact=message.contact, channel=channel, wants=wants, source=keyword.source,
        at=message.at, text=str(message.content["text"]),
        text_version=answer.version if answer else "", by_provider=by_provider,
    )  # fmt: skip
    is_still_out = wants and _is_out(message, channel)
    _show(message, keyword, is_still_out=is_still_out)
    if answer is not None and not is_still_out and not _was_confirmed(message, keyword):
        _confirm(connection, message, keyword, answer)


def note_refusals(*, connection: Connection, contact_ids: Collection[UUID]) -> None:
    """Who told the provider to stop has told us: these were not written to for that reason."""
    channel = provider_of(connection).channel
    for contact in Contact.objects.filter(pk__in=contact_ids):
        consents.apply_preference(
            contact=contact, channel=channel, wants=False, source="provider", by_provider=True
        )


def _is_out(message: Message, channel: str) -> bool:
    """The contact said no, or the address is on the list."""
    said = crm.consent_state([message.contact_id], channel, Purpose.MARKETING)
    blocked = crm.suppressed([message.address], channel, Purpose.MARKETING)
    return said.get(message.contact_id) is False or bool(blocked)


def _show(message: Message, keyword: Keyword, *, is_still_out: bool) -> None:
    """A line below the message, for whoever reads the thread."""
    if message.thread is None:  # what is received has one
        return
    line = internal.write(
        thread=message.thread,
        kind=MessageKind.SYSTEM,
        content={"text": _line(keyword, is_still_out=is_still_out), MARK: keyword.action},
        at=message.at,
    )
    progress.tell([progress.Progress(line.pk, line.thread_id, None, PublicState.RECEIVED)])


def _line(keyword: Keyword, *, is_still_out: bool) -> str:
    word = {"word": keyword.word}
    if keyword.action == ConsentAction.OPT_OUT:
        return _("Opted out of marketing with the word %(word)s.") % word
    if is_still_out:
        return _("Asked for marketing again with the word %(word)s, but a block stays.") % word
    return _("Opted in to marketing again with the word %(word)s.") % word


def _was_confirmed(message: Message, keyword: Keyword) -> bool:
    return Message.objects.filter(
        thread=message.thread,
        at__gte=message.at - ONCE_IN,
        direction=Direction.OUT,
        origin=Origin.SYSTEM,
        content__contains={MARK: keyword.action},
    ).exists()


def _confirm(
    connection: Connection, message: Message, keyword: Keyword, answer: Confirmation
) -> None:
    """A service message: opting out of marketing does not forbid it. The wish holds without it."""
    body = bodies.text(answer.text)
    marked = bodies.Body(body.kind, {**body.content, MARK: keyword.action})
    try:
        with transaction.atomic():
            outbox.send(
                contact=message.contact,
                connection=connection,
                address=message.address,
                body=marked,
                origin=Origin.SYSTEM,
                purpose=Purpose.SERVICE,
            )
    except DomainError as error:
        log.info("preference.not_confirmed", message=str(message.pk), code=error.code)
