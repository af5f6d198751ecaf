"""What an error means, in words: the last line of a traceback is for programmers."""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KILLED = "the process died while handling it"

_MEANINGS: tuple[tuple[str, str | Promise], ...] = (
    (
        r"process died|worker died",
        _("It stopped the program that worked on it, five times in a row."),
    ),
    (r"DoesNotExist|NotFound|Http404", _("What it speaks of does not exist any more.")),
    (r"UnknownCompany", _("The company was not there.")),
    (r"IntegrityError|UniqueViolation", _("It contradicts what is stored already.")),
    (
        r"OperationalError|InterfaceError|DatabaseError|deadlock|QueryCanceled",
        _("The database did not answer in time."),
    ),
    (
        r"Timeout|TimedOut|timed out|ReadError|ConnectError|Unreachable|not_connected",
        _("The other side did not answer in time."),
    ),
    (
        r"KeyError|[Mm]alformed|JSONDecodeError|UnicodeDecodeError",
        _("A part is missing, or cannot be read."),
    ),
    (r"ValueError|TypeError|ValidationError|Invalid|DataError", _("A value does not fit.")),
)


def meaning(error: str) -> str:
    """A sentence for an error; a general one where nothing fits, and the error stands below it."""
    for pattern, sentence in _MEANINGS:
        if re.search(pattern, error):
            return str(sentence)
    return str(_("The work on it failed with an error."))
