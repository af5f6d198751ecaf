"""How often an automation may do its work, as a card of the flow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.audiences.values import BadValue
from webhooks.automations.definition import MOST_DIGITS, limits_of
from webhooks.automations.values import Duration, Field, Number

FIELDS = (
    Field(
        "per_contact_per_day",
        gettext_lazy("At most for one contact, a day"),
        Number(),
        help=gettext_lazy("How often it may begin for the same contact within 24 hours."),
    ),
    Field(
        "cooldown",
        gettext_lazy("Not again for the same contact within"),
        Duration(),
        is_required=False,
        help=gettext_lazy("Left empty, it may begin again at once."),
    ),
    Field(
        "same_order_hours",
        gettext_lazy("Not again for the same order within (hours)"),
        Number(),
        help=gettext_lazy("Sources tell the same order more than once; 0 lets each of them begin."),
    ),
)


def changed(given: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """The limits after the card was kept; those that it does not ask for stay."""
    asked = {field.name for field in FIELDS}
    return {**{name: value for name, value in given.items() if name not in asked}, **params}


def sentence(given: Mapping[str, Any]) -> str:
    """Them in one sentence."""
    limits = limits_of({"limits": given})
    parts = [_often(limits["per_contact_per_day"])]
    try:
        pause = Duration().words(Duration().read(limits["cooldown"])) if limits["cooldown"] else ""
    except BadValue:
        pause = ""
    if pause:
        parts.append(_("then not for %(time)s") % {"time": pause})
    return ", ".join(parts)


def _often(count: Any) -> str:
    number = int(count) if str(count).isdecimal() and len(str(count)) <= MOST_DIGITS else 0
    return ngettext(
        "At most once a day for the same contact",
        "At most %(count)d times a day for the same contact",
        number,
    ) % {"count": number}
