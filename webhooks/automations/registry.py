"""What automations are made of: triggers, conditions and steps, each described once.

Pages, the API, the dry run and the log of a run read the same rows of these registries: what a
thing is called, which fields its form has (`values.Field`), what it checks and how it reads in a
sentence. Higher apps add theirs in AppConfig.ready():

    registry.add_trigger(EventTrigger("lead.moved", _("Lead changes its stage"), …))
    registry.add_condition(Condition("stage", …))
    registry.add_action(Action("move_lead", …))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from core.errors import DomainError, Invalid
from crm.audiences.values import Option, Text, Value
from webhooks.automations.enums import Outcome
from webhooks.automations.values import Field

if TYPE_CHECKING:
    from webhooks.automations.scene import Scene

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something that started to be so for a contact without an event telling it.

    Attributes:
        key: what makes it the same occasion when the clock finds it again.
    """

    contact_id: UUID | None
    key: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Timing:
    """How a trigger that no event starts is found.

    Attributes:
        next_at: when it has to be looked at next, after a moment.
        find: (params, moment, since, after) → the next few hundred occasions that are there at the
            moment and began at `since` or later, of contacts behind the id `after`, in the order
            of their ids.
        settled: (params, moment) → what began before this needs no second look once the moment was
            gone through; None: whatever began since it was switched on is looked at each time.
    """

    next_at: Callable[[Params, datetime], datetime]
    find: Callable[[Params, datetime, datetime, UUID | None], Sequence[Occasion]]
    settled: Callable[[Params, datetime], datetime] | None = None


@dataclass(frozen=True, slots=True)
class Trigger:
    """What starts an automation.

    Attributes:
        kind: as definitions have it.
        icon: a lucide name.
        group: under which heading people find it: events, messages, contacts, times.
        types: the events that it listens to, by its parameters; none for those of a clock.
        fits: whether an event of these types is meant; a code of `words.MISSES` where not ("").
        sentence: (params) → what stands behind “When”: “a PIX is created”.
        needs_contact: an event that names nobody starts nothing.
        values: names of event data that its texts may use, for the menu.
    """

    kind: str
    label: Text
    icon: str
    group: str
    sentence: Callable[[Params], str]
    fields: Sequence[Field] = ()
    types: Callable[[Params], Sequence[str]] = lambda params: ()
    fits: Callable[[Params, Scene], str] = lambda params, scene: ""
    timing: Timing | None = None
    needs_contact: bool = True
    values: Sequence[str] = ()
    help: Text = ""
    order: int = 100


@dataclass(frozen=True, slots=True)
class Operator:
    """How a condition compares what it sees with its value.

    Attributes:
        holds: (seen, value) → whether it is so; it gets both as `read` made them.
        read: how both sides become comparable (a text without capitals and accents): done once
            for each version and once for each event, however many automations ask. A function of
            a module: who has the same one shares what it made.
    """

    name: str
    label: Text
    value: Value
    holds: Callable[[Any, Any], bool]
    read: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that can be asked.

    Attributes:
        kind: as definitions have it, without what stands behind the colon.
        look: (scene, argument) → the value that is seen, as JSON; it is kept in the log.
        arguments: what may stand behind the colon, for kinds that take something there.
        shaped: operators by what stands behind the colon, where they depend on it.
        show: the seen value for people, given the argument.
    """

    kind: str
    label: Text
    operators: Sequence[Operator]
    look: Callable[[Scene, str], Any]
    group: str = "contact"
    order: int = 100
    arguments: Callable[[], Sequence[Option]] | None = None
    shaped: Callable[[str], Sequence[Operator]] | None = None
    show: Callable[[Any, str], str] = lambda seen, argument: str(seen)

    def operators_for(self, argument: str) -> Sequence[Operator]:
        """The operators that fit what stands behind the colon."""
        return self.shaped(argument) if self.shaped else self.operators

    def operator(self, name: str, argument: str = "") -> Operator | None:
        """The operator of this name; also one of another shape, for what was kept before."""
        for one in (*self.operators_for(argument), *self.operators):
            if one.name == name:
                return one
        return None


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an action.

    Attributes:
        said: for the log, as JSON: ids of what was made, names of what was changed.
    """

    outcome: Outcome = Outcome.DONE
    code: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)


def refused(code: str, **said: Any) -> Done:
    """A rule said no; the run goes on behind it."""
    return Done(Outcome.REFUSED, code, said)


def refused_by(error: DomainError) -> Done:
    """What a service's no comes to, with what it said of single fields."""
    why = error.text
    if isinstance(error, Invalid) and error.errors:
        why = " ".join(str(one.message) for found in error.errors.values() for one in found)
    return refused(error.code[:48], why=why[:300])


@dataclass(frozen=True, slots=True)
class Doing:
    """Who does a step: given to actions beside scene and parameters.

    Attributes:
        run_id: None in a dry run.
        key: unique for this run and step, the same at every try (`Message.send_key`).
        actor: for facts (`events.bus`).
    """

    run_id: UUID | None
    step: str
    key: UUID
    actor: str


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a step does.

    Attributes:
        do: does it in the caller's transaction. What a service refuses (`core.errors.DomainError`)
            goes into the log as its sentence, and the run goes on.
        foresee: what `do` would come to now, without any effect (X11).
        sentence: (params) → what stands in the list of steps: “Add the tag VIP”.
        ends: the run is over behind it.
        check: what is wrong with the parameters together, by field; for a draft that is published.
    """

    kind: str
    label: Text
    icon: str
    group: str
    sentence: Callable[[Params], str]
    do: Callable[[Scene, Params, Doing], Done]
    foresee: Callable[[Scene, Params], Done]
    fields: Sequence[Field] = ()
    ends: bool = False
    needs_contact: bool = True
    check: Callable[[Params], Mapping[str, Any]] = lambda params: {}
    help: Text = ""
    order: int = 100


@dataclass(frozen=True, slots=True)
class Wait:
    """A step that does nothing for a while.

    Attributes:
        until: (params, now, scene) → when it is over at the latest.
        types: events that end it before; then its `then` steps follow, else its `else` steps.
    """

    kind: str
    label: Text
    icon: str
    sentence: Callable[[Params], str]
    until: Callable[[Params, datetime, Scene], datetime]
    fields: Sequence[Field] = ()
    types: Callable[[Params], Sequence[str]] | None = None
    help: Text = ""
    order: int = 100

    @property
    def branches(self) -> bool:
        """Whether it goes on in two ways."""
        return self.types is not None


_triggers: dict[str, Trigger] = {}
_conditions: dict[str, Condition] = {}
_actions: dict[str, Action] = {}
_waits: dict[str, Wait] = {}


def add_trigger(trigger: Trigger) -> None:
    """Let automations begin with this.

    Raises:
        ValueError: its kind is taken; so for the other three.
    """
    _add(_triggers, trigger.kind, trigger)


def add_condition(condition: Condition) -> None:
    """Let automations ask this."""
    _add(_conditions, condition.kind, condition)


def add_action(action: Action) -> None:
    """Let automations do this."""
    _add(_actions, action.kind, action)


def add_wait(wait: Wait) -> None:
    """Let automations wait in this way."""
    _add(_waits, wait.kind, wait)


def triggers() -> list[Trigger]:
    """All, in the order in which people are offered them; so for the other three."""
    return _sorted(_triggers)


def conditions() -> list[Condition]:
    return _sorted(_conditions)


def actions() -> list[Action]:
    return _sorted(_actions)


def waits() -> list[Wait]:
    return _sorted(_waits)


def trigger_of(kind: str) -> Trigger | None:
    """The trigger of this kind, if there is one; so for the other three."""
    return _triggers.get(kind)


def condition_of(kind: str) -> tuple[Condition | None, str]:
    """The condition of a kind such as `attribute:cidade`, and what stands behind its colon."""
    name, _colon, argument = kind.partition(":")
    return _conditions.get(name), argument


def action_of(kind: str) -> Action | None:
    return _actions.get(kind)


def wait_of(kind: str) -> Wait | None:
    return _waits.get(kind)


def _add(known: dict[str, Any], kind: str, item: Any) -> None:
    if kind in known:
        raise ValueError(f"the kind {kind} is registered already")
    known[kind] = item


def _sorted(known: Mapping[str, Any]) -> list[Any]:
    return sorted(known.values(), key=lambda item: item.order)
