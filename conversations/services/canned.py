"""Canned replies: everybody's, and each member's own."""

from __future__ import annotations

import re

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from conversations.canned import PLACES, unknown_places
from conversations.models import CannedReply
from core.errors import Conflict, Invalid
from crm.search import fold
from messaging.bodies import TEXT_LIMIT
from team.models import Member

SHORTCUT_LENGTH = 40


def shortcut_of(text: str) -> str:
    """What is typed behind the slash: `/Bom dia!` and `bom-dia` are one."""
    return re.sub(r"[^\w]+", "-", fold(text)).strip("-")


def create_reply(*, shortcut: str, text: str, owner: Member | None) -> CannedReply:
    """A new canned reply; `owner` None makes it everybody's.

    Raises:
        core.errors.Invalid: the shortcut or the text is missing or too long, or a place in it is
            none that we can fill.
        core.errors.Conflict: `shortcut_taken`.
    """
    reply = CannedReply(shortcut=shortcut_of(shortcut), text=text.strip(), owner=owner)
    _save(reply)
    return reply


def update_reply(
    *, reply: CannedReply, shortcut: str | None = None, text: str | None = None
) -> CannedReply:
    """Another shortcut or text.

    Raises:
        core.errors.Invalid, core.errors.Conflict: as in create_reply.
    """
    if shortcut is not None:
        reply.shortcut = shortcut_of(shortcut)
    if text is not None:
        reply.text = text.strip()
    _save(reply)
    return reply


def delete_reply(*, reply: CannedReply) -> None:
    """Forget it; what was sent with it stays."""
    reply.delete()


def _save(reply: CannedReply) -> None:
    _check(reply)
    try:
        with transaction.atomic():
            reply.save()
    except IntegrityError:
        raise Conflict(
            "shortcut_taken",
            _("There is already a canned reply with this shortcut. Choose another one."),
            field="shortcut",
        ) from None


def _check(reply: CannedReply) -> None:
    if not reply.shortcut:
        raise Invalid({"shortcut": _("Give it a shortcut: letters or digits.")})
    if len(reply.shortcut) > SHORTCUT_LENGTH:
        raise Invalid({"shortcut": _("A shortcut has at most 40 characters.")})
    if not reply.text:
        raise Invalid({"text": _("Write the text.")})
    if len(reply.text) > TEXT_LIMIT:
        raise Invalid({"text": _("A text has at most 4,096 characters.")})
    unknown = unknown_places(reply.text)
    if unknown:
        raise Invalid({"text": _unknown_place(unknown[0])})


def _unknown_place(name: str) -> str:
    known = ", ".join("{{" + place + "}}" for place in PLACES)
    return _("Nothing fills {{%(name)s}}. You can use: %(known)s.") % {
        "name": name,
        "known": known,
    }
