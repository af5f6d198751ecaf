"""What Meta changes about templates, numbers and accounts by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connections.providers.base import NeutralItem, NumberUpdate, TemplateUpdate, Unknown
from connections.providers.loose import mapping, objects, text
from connections.providers.whatsapp_cloud.fields import Place

Raw = Mapping[str, Any]

# Meta's events (and list statuses) in the words of messaging.enums.TemplateStatus.
TEMPLATE_STATUS: dict[str, str] = {
    "APPROVED": "APPROVED",
    "REINSTATED": "APPROVED",
    "FLAGGED": "APPROVED",  # a warning: it may still be sent
    "PENDING": "PENDING",
    "IN_REVIEW": "PENDING",
    "REJECTED": "REJECTED",
    "PAUSED": "PAUSED",
    "LIMIT_EXCEEDED": "PAUSED",
    "DISABLED": "DISABLED",
    "LOCKED": "DISABLED",
    "ARCHIVED": "DISABLED",
    "IN_APPEAL": "IN_APPEAL",
    "DELETED": "REMOVED",
    "PENDING_DELETION": "REMOVED",
}
_LOCKED = "131031"
_BLOCKED = "368"
_GONE = "33"
_BANS = {"DISABLE": _LOCKED, "REINSTATE": ""}
_QUALITIES = frozenset({"GREEN", "YELLOW", "RED", "UNKNOWN"})


def template_status(word: str) -> str:
    """Our word for a status of Meta's; new ones count as disabled: what we do not know may not
    be sent."""
    return TEMPLATE_STATUS.get(word.upper(), "DISABLED")


def template_quality(word: str) -> str:
    """Our word for a quality of Meta's."""
    return word if word in _QUALITIES else "UNKNOWN"


def _template(place: Place, value: Raw, **known: Any) -> TemplateUpdate:
    return TemplateUpdate(
        account_id=place.account_id,
        external_id=text(value, "message_template_id"),
        name=text(value, "message_template_name"),
        language=text(value, "message_template_language"),
        number_id=place.number_id,
        raw=value,
        **known,
    )


def _status(place: Place, value: Raw) -> TemplateUpdate:
    reason = text(value, "reason")
    info = mapping(value, "other_info")
    words = [
        "" if reason in ("NONE", "") else reason,
        text(info, "description"),
        text(mapping(value, "rejection_info"), "reason"),
    ]
    return _template(
        place,
        value,
        status=template_status(text(value, "event")),
        reason=": ".join(word for word in words if word)[:300],
    )


def _quality(place: Place, value: Raw) -> TemplateUpdate:
    return _template(place, value, quality=template_quality(text(value, "new_quality_score")))


def _category(place: Place, value: Raw) -> TemplateUpdate:
    return _template(place, value, category=text(value, "new_category") or None)


def _components(place: Place, value: Raw) -> TemplateUpdate:
    return _template(place, value)


def _number(place: Place, value: Raw, **known: Any) -> NumberUpdate:
    shown = text(value, "display_phone_number") or text(value, "phone_number")
    return NumberUpdate(
        account_id=place.account_id,
        number_id=place.number_id,
        display_number=shown,
        raw=value,
        **known,
    )


def _number_quality(place: Place, value: Raw) -> NumberUpdate:
    """FLAGGED is low quality, UNFLAGGED the end of it; the limit comes along."""
    event = text(value, "event")
    quality = {"FLAGGED": "RED", "UNFLAGGED": "GREEN"}.get(event)
    limit = text(value, "current_limit") or text(value, "max_daily_conversations_per_business")
    return _number(place, value, quality=quality, tier=limit or None, detail=event)


def _number_name(place: Place, value: Raw) -> NumberUpdate:
    decision = text(value, "decision")
    name = text(value, "requested_verified_name") if decision == "APPROVED" else ""
    return _number(place, value, verified_name=name or None, detail=decision)


def _account(place: Place, value: Raw) -> NumberUpdate:
    event = text(value, "event")
    stopped: str | None = None
    if event == "DISABLED_UPDATE":
        stopped = _BANS.get(text(mapping(value, "ban_info"), "waba_ban_state"))
    elif event == "ACCOUNT_DELETED":
        stopped = _GONE
    elif event == "ACCOUNT_RESTRICTION" and objects(value, "restriction_info"):
        stopped = _BLOCKED
    violation = text(mapping(value, "violation_info"), "violation_type")
    return _number(
        place, value, stopped=stopped, detail=": ".join(filter(None, [event, violation]))
    )


def _capability(place: Place, value: Raw) -> NeutralItem:
    limit = text(value, "max_daily_conversations_per_business") or text(
        value, "max_daily_conversation_per_phone"
    )
    if not limit:
        return Unknown(place.field, place.account_id, place.number_id, value)
    return _number(place, value, tier=limit)


ACCOUNT_FIELDS: dict[str, Callable[[Place, Raw], NeutralItem]] = {
    "message_template_status_update": _status,
    "message_template_quality_update": _quality,
    "template_category_update": _category,
    "message_template_components_update": _components,
    "phone_number_quality_update": _number_quality,
    "phone_number_name_update": _number_name,
    "account_update": _account,
    "business_capability_update": _capability,
}
