"""What the person allowed: marketing needs a recorded opt-in, a suppression beats everything."""

from collections.abc import Sequence

from crm import selectors as crm
from crm.enums import Purpose
from messaging.gate import Candidate, Moment, Verdicts, deny
from messaging.moment import by_channel_and_purpose


def suppression(batch: Sequence[Candidate], moment: Moment) -> Verdicts:
    """Addresses on the suppression list are not written to, whoever imported them again."""
    verdicts = {}
    for (channel, purpose), items in by_channel_and_purpose(batch, moment).items():
        suppressed = crm.suppressed({item.address for item in items}, channel, purpose)
        verdicts.update(
            {item.id: deny("opted_out") for item in items if item.address in suppressed}
        )
    return verdicts


def opt_in(batch: Sequence[Candidate], moment: Moment) -> Verdicts:
    """Marketing without a recorded opt-in is denied, unless the company asks for none; who opted
    out is never written to, and replies and service messages need no word."""
    verdicts = {}
    for (channel, purpose), items in by_channel_and_purpose(batch, moment).items():
        if purpose != Purpose.MARKETING:
            continue
        allowed = crm.consent_state([item.contact_id for item in items], channel, purpose)
        for item in items:
            said = allowed.get(item.contact_id)
            if said is False:
                verdicts[item.id] = deny("opted_out", channel=channel)
            elif said is None and moment.policy.requires_opt_in:
                verdicts[item.id] = deny("no_consent", channel=channel)
    return verdicts
