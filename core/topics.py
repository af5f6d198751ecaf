"""What a page can listen to, and who may.

A topic is ``name`` or ``name:id`` (``inbox``, ``campaign:cmp_…``). The app that owns the name
registers it in ``AppConfig.ready()`` with the check that its views use too; the check runs in
synchronous code inside the company and gets the member and the part after the colon.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Check = Callable[[Any, str], bool]

_checks: dict[str, Check] = {}


def register(name: str, check: Check) -> None:
    """Declare the topic ``name``; a second declaration is a programming error."""
    if name in _checks:
        raise ValueError(f"The topic {name!r} is already registered.")
    if ":" in name:
        raise ValueError("A topic's name has no colon.")
    _checks[name] = check


def allowed(member: Any, topic: str) -> bool:
    """Whether this member may listen to this topic. Unknown topics are not allowed."""
    name, _, object_id = topic.partition(":")
    check = _checks.get(name)
    return check is not None and check(member, object_id)


def allowed_of(member: Any, topics: Iterable[str]) -> set[str]:
    """Those of ``topics`` that this member may listen to."""
    return {topic for topic in topics if allowed(member, topic)}
