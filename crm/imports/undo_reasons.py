"""What an undo made of a row, and why something had to stay: stable codes and words for people."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import lifecycle


class Outcome(StrEnum):
    """What became of a row; an undo counts each once."""

    TAKEN_OUT = "taken_out"  # the contact it created is deleted
    GIVEN_BACK = "given_back"  # its contact is as it was before
    UNCHANGED = "unchanged"  # nothing of it was left to take back
    KEPT = "kept"  # somebody used or changed what it did: that stays, all or in part


USED, PARTLY, CHANGED = "used", "partly", "changed"
WHY: dict[str, str | Promise] = {
    CHANGED: gettext_lazy("Somebody changed it since."),
    "known_by": gettext_lazy("It got another phone, e-mail or id since."),
    "tagged": gettext_lazy("Its tags are others since."),
    "consent": gettext_lazy("What it allowed was recorded since."),
    "other_import": gettext_lazy("A later file has it too."),
}
# What a row may have changed that a contact does not call a field.
PARTS: dict[str, str | Promise] = {
    "name": gettext_lazy("name"),
    "language": gettext_lazy("language"),
    "consent": gettext_lazy("consent"),
    "identity": gettext_lazy("phone, e-mail or id"),
}
ATTRIBUTE = "attribute:"


def sentence(code: str, about: Iterable[str]) -> str:
    """Why a row was kept.

    Args:
        about: of `used` the participants of `crm.lifecycle` that know the contact; of what stayed
            in part the parts: `name`, `attribute:cidade`.
    """
    if code == USED:
        labels = {one.name: str(one.label) for one in lifecycle.participants()}
        names = dict.fromkeys(labels.get(name, name) for name in about)
        return _("Used since: %(what)s.") % {"what": ", ".join(names)}
    parts = ", ".join(_part(part) for part in about)
    if code == PARTLY:
        return _("Changed since and kept: %(parts)s. The rest was taken back.") % {"parts": parts}
    if parts:
        return _("Changed since and kept: %(parts)s.") % {"parts": parts}
    return str(WHY.get(code, code))


def _part(part: str) -> str:
    return str(PARTS.get(part, part.removeprefix(ATTRIBUTE)))
