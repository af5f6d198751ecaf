"""The conditions of every company: what the event says, who the contact is, what was written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.audiences.rules.rows import LISTS, SEGMENTS, TAGS
from crm.audiences.values import Option, Rows, Text
from crm.enums import Channel, FieldKind, Purpose
from crm.selectors import attribute_labels, field_definition
from messaging.enums import Direction
from webhooks.automations import event_types, placeholders
from webhooks.automations.conditions import operators
from webhooks.automations.registry import Condition, Operator, add_condition
from webhooks.automations.scene import Scene
from webhooks.automations.values import Duration

AMOUNT = "amount"
_SHOWN_SECONDS = ((86_400, "days"), (3600, "hours"), (60, "minutes"))


def register_all() -> None:
    """Announce these conditions."""
    for condition in (
        *_of_the_event(),
        *_of_the_contact(),
        *_of_their_fields(),
        *_of_messages(),
    ):
        add_condition(condition)


def _of_the_event() -> Iterator[Condition]:
    yield Condition(
        "event",
        _("What the event says"),
        (*operators.texts(), *operators.numbers()),
        lambda scene, name: scene.message_text if name == "text" else _event_field(scene, name),
        group="event",
        order=10,
        arguments=_event_fields,
        shaped=lambda name: operators.amounts() if name == AMOUNT else operators.texts(),
        show=_shown_event,
    )
    yield Condition(
        "happened",
        _("It also happened"),
        operators.yes_no(_("for the same order or contact"), _("not (yet)")),
        lambda scene, type_: type_ in scene.happened,
        group="event",
        order=15,
        arguments=lambda: [
            option for option in event_types.options() if option.value in _told_by_sources()
        ],
        show=_yes_or_no,
    )


def _of_the_contact() -> Iterator[Condition]:
    yield _of_rows("tag", _("Tags"), TAGS, lambda scene: scene.tags, 20)
    yield _of_rows("list", _("Lists"), LISTS, lambda scene: scene.lists, 21)
    yield Condition(
        "segment",
        _("Saved audience"),
        operators.sets(SEGMENTS),
        lambda scene, _argument: [],  # what is looked at depends on the value: see evaluation
        order=22,
        show=lambda seen, _argument: SEGMENTS.words(seen) if seen else gettext("in none of them"),
    )


def _of_rows(
    kind: str, label: Text, rows: Rows, held: Callable[[Scene], set[UUID]], order: int
) -> Condition:
    """What somebody has of the company's rows."""
    return Condition(
        kind,
        label,
        operators.sets(rows),
        lambda scene, _argument: sorted(map(str, held(scene))),
        order=order,
        show=lambda seen, _argument: rows.words(seen) if seen else gettext("none"),
    )


def _of_their_fields() -> Iterator[Condition]:
    yield Condition(
        "contact",
        _("Contact"),
        operators.texts(),
        lambda scene, name: scene.attribute(name),
        order=25,
        arguments=lambda: [
            *(Option(name, label) for name, label in placeholders.CONTACT.items()),
            Option("language", _("Language")),
        ],
        show=_quoted,
    )
    yield Condition(
        "attribute",
        _("Field"),
        (
            *operators.texts(),
            *operators.numbers(),
            *operators.days(),
            *operators.choices(list),
            *operators.yes_no(_("is yes"), _("is no")),
        ),
        _attribute,
        order=26,
        arguments=_attributes,
        shaped=_attribute_operators,
        show=_quoted,
    )
    yield Condition(
        "opted_in",
        _("Opted in"),
        operators.yes_no(_("yes"), _("no")),
        _opted_in,
        order=27,
        arguments=_consents,
        show=_yes_or_no,
    )


def _of_messages() -> Iterator[Condition]:
    yield Condition(
        "window",
        _("24-hour window"),
        operators.yes_no(_("is open"), _("is closed"), names=("open", "closed")),
        lambda scene, _argument: scene.is_window_open,
        group="messages",
        order=40,
        show=lambda seen, _argument: gettext("is open") if seen else gettext("is closed"),
    )
    yield Condition(
        "hours",
        _("Business hours"),
        operators.yes_no(_("now"), _("not now"), names=("open", "closed")),
        lambda scene, _argument: scene.is_open_now,
        group="messages",
        order=41,
        show=lambda seen, _argument: gettext("we are open") if seen else gettext("we are closed"),
    )
    yield Condition(
        "last_message",
        _("Last message"),
        operators.yes_no(
            _("is from the customer"), _("is not from the customer"), names=("customer", "us")
        ),
        lambda scene, _argument: _is_theirs(scene),
        group="messages",
        order=42,
        show=lambda seen, _argument: (
            gettext("from the customer") if seen else gettext("not from the customer")
        ),
    )
    yield Condition(
        "last_message_age",
        _("Age of the last message"),
        operators.ages(),
        lambda scene, _argument: _age(scene),
        group="messages",
        order=43,
        show=lambda seen, _argument: _shown_age(seen),
    )
    yield Condition(
        "assigned",
        _("Conversation"),
        operators.yes_no(_("is somebody's"), _("is nobody's")),
        lambda scene, _argument: bool(
            scene.conversation and scene.conversation.assignee_id is not None
        ),
        group="messages",
        order=44,
        show=_yes_or_no,
    )


def in_segments(scene: Scene, wanted: Sequence[str]) -> list[str]:
    """Those of the saved audiences in which the contact is."""
    return [pk for pk in wanted if scene.is_in(UUID(pk))]


def _event_field(scene: Scene, name: str) -> Any:
    if name.startswith("fields."):
        return placeholders.event_value(scene.data, name)
    value = scene.data.get(name)
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _event_fields() -> Sequence[Option]:
    return [Option(name, label) for name, label in placeholders.EVENT.items()]


def _told_by_sources() -> set[str]:
    return {one.type for one in event_types.known() if one.group == "shop"}


def _attributes() -> Sequence[Option]:
    return [Option(key, label) for key, label in attribute_labels().items()]


def _attribute(scene: Scene, key: str) -> Any:
    return scene.contact.attributes.get(key) if scene.contact else None


def _attribute_operators(key: str) -> Sequence[Operator]:
    definition = field_definition(key)
    if definition is None:
        return (*operators.texts(), *operators.numbers()[:3])
    if definition.kind in (FieldKind.NUMBER, FieldKind.MONEY):
        return operators.numbers()
    if definition.kind == FieldKind.DATE:
        return operators.days()
    if definition.kind == FieldKind.YES_NO:
        return operators.yes_no(_("is yes"), _("is no"))
    if definition.kind == FieldKind.CHOICE:
        chosen = definition.choices
        return operators.choices(lambda: [Option(one, one) for one in chosen])
    return operators.texts()


def _consents() -> Sequence[Option]:
    return [
        Option(f"{channel.value}.{purpose.value}", f"{channel.label}, {purpose.label}")
        for channel in Channel
        for purpose in Purpose
    ]


def _opted_in(scene: Scene, argument: str) -> bool:
    channel, _dot, purpose = argument.partition(".")
    return scene.consents.get((channel, purpose), False)


def _is_theirs(scene: Scene) -> bool:
    message = scene.last_message
    return message is not None and message.direction == Direction.IN


def _age(scene: Scene) -> int | None:
    message = scene.last_message
    return None if message is None else int((scene.now - message.at).total_seconds())


def _shown_age(seen: Any) -> str:
    if seen is None:
        return gettext("no message yet")
    for size, unit in _SHOWN_SECONDS:
        if seen >= size:
            return Duration().words({"amount": seen // size, "unit": unit})
    return gettext("less than a minute")


def _shown_event(seen: Any, name: str) -> str:
    if name == AMOUNT and isinstance(seen, int):
        return placeholders.money(seen, "")
    return _quoted(seen, name)


def _quoted(seen: Any, _argument: str) -> str:
    if isinstance(seen, bool):
        return _yes_or_no(seen, "")
    return f"“{seen}”" if seen not in (None, "") else gettext("empty")


def _yes_or_no(seen: Any, _argument: str) -> str:
    return gettext("yes") if seen else gettext("no")
