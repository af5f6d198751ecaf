"""Whom the text of a note calls: `@` and a member's name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from team.models import Member


def named_in(text: str, members: Iterable[Member]) -> list[Member]:
    """Those of the members whose name stands behind an `@`.

    The longest name first, each place in the text once: `@Ana Souza` does not call Ana. Of two
    members with the same name both are called.
    """
    found, places = [], text.casefold()
    by_name: dict[str, list[Member]] = {}
    for member in members:
        by_name.setdefault(str(member).casefold(), []).append(member)
    for name in sorted(by_name, key=len, reverse=True):
        places, count = re.subn(rf"(?<!\w)@{re.escape(name)}(?!\w)", " ", places)
        if count:
            found += by_name[name]
    return found
