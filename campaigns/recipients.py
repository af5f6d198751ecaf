"""From an audience to judged recipients: the same steps for the preflight and for the real run."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from campaigns.models import Campaign
from core.ids import uuid7
from crm import audiences
from crm.enums import Purpose
from crm.models import Contact
from crm.selectors import addresses_for, with_details
from messaging import gate
from messaging.enums import MessageKind, TemplateCategory
from messaging.rendering import resolve_variables

CHUNK = 1_000
DUPLICATE = "duplicate"
EMPTY_VARIABLE = "variable_missing"


@dataclass(frozen=True, slots=True)
class Judged:
    """One contact of the audience: where it is reached, with which values, and the verdict."""

    contact: Contact
    address: str
    values: dict[str, str]
    verdict: gate.Verdict

    @property
    def skip_code(self) -> str:
        """Empty for those who get the message (a delay is judged again when it is over)."""
        return self.verdict.code if self.verdict.decision == gate.Decision.DENY else ""


def purpose_of(campaign: Campaign) -> str:
    """Marketing templates need consent for marketing; the others serve the customer."""
    is_marketing = campaign.template.category == TemplateCategory.MARKETING
    return Purpose.MARKETING if is_marketing else Purpose.SERVICE


def chunks(campaign: Campaign, *, after: UUID | None = None) -> Iterator[list[Contact]]:
    """The audience by id, a thousand at a time, with tags and identities at hand."""
    audience = audiences.select(campaign.audience).order_by("id")
    while True:
        page = audience.filter(id__gt=after) if after else audience
        contacts = list(with_details(page)[:CHUNK])
        if not contacts:
            return
        yield contacts
        after = contacts[-1].pk


def judge(
    campaign: Campaign,
    contacts: Sequence[Contact],
    *,
    taken: Collection[str],
    now: datetime,
    effects: bool,
) -> list[Judged]:
    """Judge a chunk, in its order.

    Args:
        taken: addresses that the run has already; the second contact with one is a duplicate.
        effects: False for the preflight, which must change nothing.
    """
    addresses = addresses_for([contact.pk for contact in contacts], campaign.connection_id)
    seen = set(taken)
    prepared: list[tuple[Contact, str, dict[str, str], gate.Verdict | None]] = []
    for contact in contacts:
        address = addresses.get(contact.pk, "")
        values, empty = resolve_variables(campaign.template, campaign.variables, contact)
        verdict: gate.Verdict | None = None
        if address and address in seen:
            verdict = gate.deny(DUPLICATE)
        elif empty:
            verdict = gate.deny(EMPTY_VARIABLE, variables=list(empty))
        seen.add(address)
        prepared.append((contact, address, values, verdict))
    open_items = [(contact, address) for contact, address, _, verdict in prepared if not verdict]
    verdicts = iter(
        gate.judge(
            [_candidate(campaign, contact, address) for contact, address in open_items],
            now=now,
            effects=effects,
        )
    )
    return [
        Judged(
            contact=contact,
            # The address belongs to the first contact that has it; a skipped row needs none.
            address="" if verdict and verdict.code == DUPLICATE else address,
            values=values,
            verdict=verdict or next(verdicts),
        )
        for contact, address, values, verdict in prepared
    ]


def _candidate(campaign: Campaign, contact: Contact, address: str) -> gate.Candidate:
    return gate.Candidate(
        id=uuid7(),
        contact_id=contact.pk,
        connection_id=campaign.connection_id,
        address=address,
        kind=MessageKind.TEMPLATE,
        purpose=purpose_of(campaign),
        template_id=campaign.template_id,
        stream_id=campaign.stream_id,
    )


def sample(judged: Sequence[Judged]) -> dict[str, Any] | None:
    """The values of the first one who will get the message, for the preview."""
    first = next((item for item in judged if not item.skip_code), None)
    if first is None:
        return None
    return {"contact": first.contact.name, "values": first.values}
