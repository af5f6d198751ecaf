"""Is there somebody to write to, at an address that can exist?"""

import re
from collections.abc import Sequence

from messaging.gate import Candidate, Moment, Verdicts, deny

# E.164 digits (with or without plus), or an id that the provider gave the person in this business.
_ADDRESS = re.compile(r"\+?[1-9]\d{7,14}|[A-Z]{2}\.[A-Za-z0-9.]{1,128}")


def contact(batch: Sequence[Candidate], moment: Moment) -> Verdicts:
    """Nobody writes to a contact that was deleted."""
    told = moment.standings(batch)
    return {item.id: deny("contact_deleted") for item in batch if told[item.id].zone is None}


def address(batch: Sequence[Candidate], moment: Moment) -> Verdicts:
    """An address must be there and have the form of one."""
    verdicts = {}
    for item in batch:
        if not item.address:
            verdicts[item.id] = deny("address_missing")
        elif not _ADDRESS.fullmatch(item.address):
            verdicts[item.id] = deny("address_invalid")
    return verdicts
