"""What the person allowed: marketing needs a recorded opt-in, a suppression beats everything."""

from collections.abc import Sequence

from crm.enums import Purpose
from crm.services.suppressions import REMOVABLE
from crm.standing import Standing
from messaging.gate import Candidate, Moment, Verdicts, deny


def suppression(batch: Sequence[Candidate], moment: Moment) -> Verdicts:
    """Addresses on the suppression list are not written to, whoever imported them again."""
    told = moment.standings(batch)
    return {item.id: deny(_code(told[item.id])) for item in batch if told[item.id].blocked}


def _code(standing: Standing) -> str:
    """Whether the person asked for it, or the team put the address on the list."""
    is_ours = standing.blocked in REMOVABLE and standing.said is not False
    return "suppressed" if is_ours else "opted_out"


def opt_in(batch: Sequence[Candidate], moment: Moment) -> Verdicts:
    """Marketing without a recorded opt-in is denied, unless the company asks for none; who opted
    out is never written to, and replies and service messages need no word."""
    told, channels = moment.standings(batch), moment.channels(batch)
    verdicts = {}
    for item in batch:
        said = told[item.id].said
        if said or item.purpose != Purpose.MARKETING:
            continue
        channel = channels[item.connection_id]
        if said is False:
            verdicts[item.id] = deny("opted_out", channel=channel)
        elif moment.policy.requires_opt_in:
            verdicts[item.id] = deny("no_consent", channel=channel)
    return verdicts
