"""Which automations an event is shown to.

Many automations ask for one value: this product, that city. They are sorted by it, so an event
meets those alone that it may start, however many there are. The others see it only where they may
still note why it started nothing (`misses`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from core import statements
from webhooks.automations.compiled import Compiled, Subject, Test, compiled
from webhooks.automations.models import Version
from webhooks.automations.scene import Scene
from webhooks.automations.services import misses
from webhooks.automations.services.misses import Allowance

_HEARD = """
    SELECT l.type, a.id, a.current_id FROM automations_listener l
    JOIN automations_automation a ON a.id = l.automation_id
    WHERE l.type = ANY(%(types)s) AND a.current_id IS NOT NULL
    ORDER BY a.id
"""


class Heard(NamedTuple):
    """An automation that an event may start."""

    automation_id: UUID
    version_id: UUID
    plan: Compiled
    allowance: Allowance


class Listeners:
    """The automations that hear a type of event."""

    def __init__(self, heard: Sequence[Heard]) -> None:
        self.segments = {pk for one in heard for pk in one.plan.segments}
        self._noting = list(heard)
        self._always: list[Heard] = []
        self._tests: dict[Subject, Test] = {}
        self._sorted: dict[Subject, dict[Any, list[Heard]]] = defaultdict(lambda: defaultdict(list))
        for one in heard:
            self._sort_in(one)

    def meant(self, scene: Scene) -> Collection[Heard]:
        """Those that the event may start, and those that may note that it did not."""
        found = [*self._always]
        for subject, test in self._tests.items():
            found += self._sorted[subject].get(test.seen(scene), ())
        self._noting = [one for one in self._noting if one.allowance.is_left]
        if not self._noting:
            return found
        return {one.automation_id: one for one in (*found, *self._noting)}.values()

    def _sort_in(self, one: Heard) -> None:
        test = one.plan.conditions.key()
        subject = test.subject if test else None
        if test is None or subject is None:
            self._always.append(one)
            return
        self._tests.setdefault(subject, test)
        self._sorted[subject][test.wanted].append(one)


def of_types(types: Iterable[str]) -> dict[str, Listeners]:
    """Who hears these types, each with its version in force; types that nobody hears are not
    there."""
    rows = statements.run(_HEARD, types=list(types))
    plans = _plans({version for _type, _automation, version in rows})
    allowances = {pk: misses.allowance(pk) for _type, pk, _version in rows}
    found: dict[str, list[Heard]] = defaultdict(list)
    for type_, pk, version in rows:
        found[type_].append(Heard(pk, version, plans[version], allowances[pk]))
    return {type_: Listeners(heard) for type_, heard in found.items()}


def _plans(versions: set[UUID]) -> dict[UUID, Compiled]:
    found = {pk: plan for pk in versions if (plan := compiled(pk, None)) is not None}
    missing = Version.objects.filter(pk__in=versions - found.keys())
    for version in missing if len(found) < len(versions) else ():
        plan = compiled(version.pk, version.definition)
        assert plan is not None  # noqa: S101 -- it was given
        found[version.pk] = plan
    return found
