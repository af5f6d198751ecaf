"""People who stop or resume marketing in WhatsApp itself: the items of `user_preferences`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connections.providers.base import Identities, NeutralItem, PreferenceUpdate, Unknown
from connections.providers.loose import text
from connections.providers.whatsapp_cloud.fields import Place, moment

_VALUES = {"stop": False, "resume": True}


def read_preference(place: Place, item: Mapping[str, Any]) -> NeutralItem:
    """One preference; those that are not about marketing are kept without effect."""
    value = _VALUES.get(text(item, "value"))
    if text(item, "category") != "marketing_messages" or value is None:
        return Unknown(place.field, place.account_id, place.number_id, item)
    contact = place.contacts[0] if len(place.contacts) == 1 else {}
    wa_id = text(item, "wa_id") or text(contact, "wa_id")
    bsuid = text(item, "user_id") or text(contact, "user_id")
    if not (wa_id or bsuid):
        raise KeyError("wa_id")
    return PreferenceUpdate(
        number_id=place.number_id,
        account_id=place.account_id,
        identities=Identities(wa_id=wa_id, bsuid=bsuid, phone=wa_id),
        marketing=value,
        at=moment(item["timestamp"]),
        raw=item,
    )
