"""What the person allowed: marketing needs a recorded opt-in, a suppression beats everything."""

from collections.abc import Sequence
from itertools import groupby

from connections.selectors import provider_of
from crm import selectors as crm
from crm.enums import Purpose
from messaging.gate import Candidate, Moment, Verdicts, deny


def suppression(batch: Sequence[Candidate], moment: Moment) -> Verdicts:
    """Addresses on the suppression list are not written to, whoever imported them again."""
    verdicts = {}
    for channel, purpose, items in _groups(batch, moment):
        suppressed = crm.suppressed({item.address for item in items}, channel, purpose)
        verdicts.update(
            {item.id: deny("opted_out") for item in items if item.address in suppressed}
        )
    return verdicts


def opt_in(batch: Sequence[Candidate], moment: Moment) -> Verdicts:
    """Marketing without a recorded opt-in is denied; replies and service messages need none."""
    verdicts = {}
    for channel, purpose, items in _groups(batch, moment):
        if purpose != Purpose.MARKETING:
            continue
        allowed = crm.consent_state([item.contact_id for item in items], channel, purpose)
        for item in items:
            said = allowed.get(item.contact_id)
            if said is not True:
                verdicts[item.id] = deny("no_consent" if said is None else "opted_out")
    return verdicts


def _groups(batch: Sequence[Candidate], moment: Moment) -> list[tuple[str, str, list[Candidate]]]:
    """The batch by channel and purpose: one question to the ledger for each."""
    channels = {pk: provider_of(row).channel for pk, row in moment.connections(batch).items()}

    def key(item: Candidate) -> tuple[str, str]:
        return channels[item.connection_id], item.purpose

    return [(*group, list(items)) for group, items in groupby(sorted(batch, key=key), key=key)]
