"""What became of a send whose answer was lost: the account's own list of messages."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from connections.providers.base import (
    Credentials,
    FailureClass,
    ProviderError,
    SendResult,
)
from connections.providers.loose import text
from connections.providers.twilio_sms import client
from connections.providers.twilio_sms.addresses import is_service
from connections.providers.twilio_sms.sending import e164

# Twilio's clock and ours; times in its list are whole seconds.
TOLERANCE = timedelta(seconds=5)


def look_up(
    credentials: Credentials,
    *,
    to: str,
    text: str,
    since: datetime,
    known: Collection[str] = (),
) -> SendResult | None:
    """The earliest message with this text that went to `to` from this number after `since` and is
    none of the `known` ids."""
    first_day = (since - TOLERANCE).astimezone(UTC).date().isoformat()
    params = {"To": e164(to), "DateSent>": first_day}
    found = [
        row
        for row in client.rows(credentials, "Messages.json", "messages", params)
        if row.get("sid") not in known
        and _is_it(row, credentials, text)
        and _created(row) >= since - TOLERANCE
    ]
    if not found:
        return None
    return SendResult(str(min(found, key=_created)["sid"]))


def _is_it(row: dict[str, object], credentials: Credentials, body: str) -> bool:
    number = "messaging_service_sid" if is_service(credentials.number_id) else "from"
    return (
        bool(text(row, "sid"))
        and text(row, "direction").startswith("outbound")
        and text(row, "body") == body
        and text(row, number) == credentials.number_id
    )


def _created(row: dict[str, object]) -> datetime:
    """RFC 2822, as this API writes times. Raises ProviderError for anything else: a message whose
    time nobody knows is neither evidence nor proof that there is none."""
    try:
        return parsedate_to_datetime(text(row, "date_created")).astimezone(UTC)
    except (ValueError, TypeError) as error:
        raise ProviderError(
            FailureClass.RETRYABLE, "bad_answer", "a message without a readable time"
        ) from error
