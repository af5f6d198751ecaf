"""What holds of many people at once, for a batch that is about to be written to: one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from core import statements
from crm.selectors import said_by
from crm.suppression_key import Digester

_STANDING = """
    SELECT v.place, c.timezone,
           (SELECT s.reason FROM crm_suppression s
            WHERE s.address_hmac = v.hmac AND s.channel = %(channel)s
              AND s.purpose IN ('', %(purpose)s)
            ORDER BY s.reason IN ('manual', 'list') LIMIT 1),
           (SELECT k.action FROM crm_consent k
            WHERE k.contact_id = v.contact_id AND k.channel = %(channel)s
              AND k.purpose = %(purpose)s
            ORDER BY k.at DESC, k.id DESC LIMIT 1)
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS v(place int, contact_id uuid, hmac text)
    LEFT JOIN crm_contact c ON c.id = v.contact_id AND c.deleted_at IS NULL
"""


class Standing(NamedTuple):
    """A person at an address, for one channel and purpose.

    Attributes:
        zone: the contact's own time zone, empty where none is known; None: it was deleted.
        blocked: why the address is suppressed (SuppressionReason), a person's own word before what
            a team put up; empty: it is not.
        said: what they said last, as `crm.selectors.consent_state` does; None: nothing.
    """

    zone: str | None
    blocked: str
    said: bool | None


def standings(
    people: Sequence[tuple[UUID, str]], channel: str, purpose: str, digest: Digester
) -> list[Standing]:
    """How each (contact, address) stands, in the order given.

    Args:
        digest: made once for many batches (`crm.suppression_key.digester`).
    """
    found = [Standing(None, blocked="", said=None)] * len(people)
    told = statements.run(
        _STANDING,
        channel=channel,
        purpose=purpose,
        rows=statements.rows(
            {"place": place, "contact_id": contact_id, "hmac": digest(address)}
            for place, (contact_id, address) in enumerate(people)
        ),
    )
    for place, zone, blocked, action in told:
        said = None if action is None else said_by(action)
        found[place] = Standing(zone, blocked or "", said)
    return found
