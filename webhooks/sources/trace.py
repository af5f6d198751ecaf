"""What was done with a post, step by step: codes and what each saw are stored, words said here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from webhooks.sources.kinds import label_of

Step = dict[str, Any]

SENTENCES: dict[str, str | Promise] = {
    "unread": _("The bytes could not be read as data."),
    "asked": _("The vendor was asked for the rest, and answered."),
    "not_asked": _("The vendor was not asked for more: its access token is missing."),
    "mapped": _("The mapping of this source was used."),
    "recognised": _("It was recognised by the system's own fields."),
    "nothing": _("It says nothing that is of use here."),
    "unmapped": _("No field says what happened. Map a sample of this source."),
    "repeated": _("The same event was told before: nothing was done again."),
    "bad_phone": _("The phone is no number that can be written to: %(value)s"),
    "bad_email": _("The e-mail is not an address: %(value)s"),
    "nobody": _("It names nobody, by phone or by e-mail."),
    "contact_found": _("The contact was found."),
    "contact_created": _("A contact was created."),
    "contact_missing": _("No contact is known by these, and this source creates none."),
    "contact_erased": _("This person was erased and is not brought back."),
    "tagged": _("Tags were given: %(value)s"),
    "opted_in": _("The agreement to be written to was written down."),
    "opted_out": _("The person has said no to messages: that stays."),
    "told": _("It became the event %(value)s."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A step as a person reads it; `position` is which thing of the post it is about."""

    text: str
    code: str
    position: int | None


def step(code: str, *, position: int | None = None, value: str = "") -> Step:
    """A step as it is stored."""
    told: Step = {"code": code}
    if position is not None:
        told["position"] = position
    if value:
        told["value"] = value[:200]
    return told


def lines(steps: Iterable[Mapping[str, Any]]) -> list[Line]:
    """The steps in words; one of another version by its code."""
    found = []
    for one in steps:
        code = str(one.get("code", ""))
        sentence = str(SENTENCES.get(code, code))
        value = one.get("value", "")
        if code == "told":
            value = label_of(value)
        text = sentence % {"value": value} if "%(value)s" in sentence else sentence
        found.append(Line(text, code, one.get("position")))
    return found
