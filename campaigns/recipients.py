"""From an audience to judged recipients: the same steps for the preflight and for the real run."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from campaigns.content import Content, Contents, Person, Values
from campaigns.models import Campaign
from campaigns.services import links
from campaigns.texting import texted
from campaigns.variants import Split, pick_connection
from connections.models import Connection
from connections.selectors import provider_of
from core.ids import uuid7
from crm import audiences
from crm.enums import Channel
from crm.models import Contact, Identity
from crm.phones import canonical
from crm.selectors import addresses_for
from messaging import gate
from messaging.enums import HOLDOUT, REST, MessageKind
from messaging.models import Thread

CHUNK = 2_000  # contacts of one transaction
DUPLICATE = "duplicate"
EMPTY_VARIABLE = "variable_missing"


@dataclass(slots=True)
class Judged:
    """One contact of the audience: where it is reached, with what, and the verdict.

    Attributes:
        id: of the message that it becomes.
        variant: the content's key, or `holdout` or `rest` (campaigns.variants).
    """

    id: UUID
    person: Person
    connection_id: UUID
    address: str
    content: Content
    variant: str
    values: Values
    verdict: gate.Verdict

    @property
    def skip_code(self) -> str:
        """Empty for those who get the message (a delay is judged again when it is over)."""
        return self.verdict.code if self.verdict.decision == gate.Decision.DENY else ""


class Row(NamedTuple):
    """What is known of a row that is put together anew."""

    id: UUID
    contact_id: UUID
    connection_id: UUID
    address: str
    variant: str


class Run:
    """A campaign made ready to judge its audience, chunk by chunk."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self.contents = Contents(campaign)
        self.split = Split(campaign, self.contents.variants)
        several = list(campaign.connections.order_by("pk")) or [_chosen(campaign)]
        self.numbers: dict[UUID, Connection] = {one.pk: one for one in several}
        self._order = list(self.numbers)
        self._ahead: Iterator[list[UUID]] | None = None
        self._behind: UUID | None = None  # the last contact that was given away
        channels = {provider_of(one).channel for one in several}
        self.channel = channels.pop() if len(channels) == 1 else Channel.WHATSAPP.value
        self.is_sms = self.channel == Channel.SMS
        self._tracker = links.tracker() if self.is_sms and campaign.tracks_links else None

    def chunks(self, *, after: UUID | None = None) -> Iterator[list[Person]]:
        """The audience by id, a chunk at a time, with what its messages say of people."""
        while people := self.next_chunk(after):
            yield people
            after = people[-1].id

    def next_chunk(self, after: UUID | None) -> list[Person]:
        """The contacts of the audience that come behind `after`; empty at its end."""
        while ids := self._next_ids(after):
            if people := self._people(ids):
                self._behind = people[-1].id
                return people
            after = self._behind = ids[-1]
        return []

    def _next_ids(self, after: UUID | None) -> list[UUID]:
        """Read ahead where the audience stays the same meanwhile. Another try's does not: what
        a second one took, it takes no more."""
        audience = self.campaign.audience
        if self.campaign.resend_of_id is not None:
            return audiences.next_ids(audience, size=CHUNK, after=after)
        if self._ahead is None or self._behind != after:
            self._ahead = audiences.batches(audience, size=CHUNK, after=after)
        return next(self._ahead, [])

    def people(self, contact_ids: Collection[UUID]) -> dict[UUID, Person]:
        """Contacts by id, as they are now."""
        return {person.id: person for person in self._people(contact_ids)}

    def judge(
        self,
        people: Sequence[Person],
        *,
        seen: set[str],
        now: datetime,
        memory: gate.Memory,
        foresees: bool = False,
    ) -> list[Judged]:
        """Judge a chunk, in its order. Nothing is used up: that is done at the wire.

        Args:
            seen: addresses that the run has already, canonical; this chunk's are added. The second
                contact with one is a duplicate.
            memory: the same one for all chunks, so that each knows what the others would use up.
            foresees: also ask what uses something up (money, the messaging limit). It never denies,
                only delays, so planning leaves it to the wire.
        """
        places = self.places([person.id for person in people])
        judged = [self._prepare(person, *places[person.id], seen) for person in people]
        self._ask(judged, gate.Ask.DENIALS, now, memory)
        for item in judged:
            if not item.skip_code and self.split.is_held_out(item.person.id):
                item.verdict, item.variant = gate.deny(HOLDOUT), HOLDOUT
        if foresees:
            self._ask(judged, gate.Ask.TAKES, now, memory)
        return judged

    def _ask(
        self, judged: Sequence[Judged], ask: gate.Ask, now: datetime, memory: gate.Memory
    ) -> None:
        """Ask the gate about those whom nothing stops or delays so far."""
        standing = [item for item in judged if item.verdict is gate.ALLOWED]
        verdicts = gate.judge(
            self.candidates(standing), now=now, effects=False, ask=ask, memory=memory
        )
        for item, verdict in zip(standing, verdicts, strict=True):
            item.verdict = verdict

    def again(self, person: Person, row: Row) -> Judged:
        """A row that has not left, with the content as it is now; the gate asks again at the wire.

        Who waited for the winner gets it where there is one.
        """
        key = row.variant
        if key == REST:
            key = self.campaign.winner or REST
        content = self.contents.by_key.get(key, self.contents.first)
        values, empty = content.values_of(person)
        verdict = gate.deny(EMPTY_VARIABLE, variables=empty) if empty else gate.ALLOWED
        return Judged(row.id, person, row.connection_id, row.address, content, key, values, verdict)

    def candidates(self, items: Iterable[Judged]) -> list[gate.Candidate]:
        """As the gate, and whoever counts money, is asked about them."""
        stream_id, media_id = self.campaign.stream_id, self.campaign.media_id
        return [
            gate.Candidate(
                id=item.id,
                contact_id=item.person.id,
                connection_id=item.connection_id,
                address=item.address,
                kind=MessageKind.TEMPLATE,
                purpose=item.content.purpose,
                template_id=item.content.template.pk,
                stream_id=stream_id,
                media_id=media_id,
                **self._said(item),
            )
            for item in items
        ]

    def _said(self, item: Judged) -> dict[str, Any]:
        """What an SMS says and costs by; its links are as long as those of the real one."""
        if not self.is_sms:
            return {}
        sms = texted(item.content.render(item.values), item.id, self._tracker)
        if self._tracker is not None:
            self._tracker.take()
        return {"text": sms.text, "segments": sms.parts}

    def places(self, contact_ids: Sequence[UUID]) -> dict[UUID, tuple[UUID, str]]:
        """From which number each contact is written to, and where."""
        groups: dict[UUID, list[UUID]] = {}
        for pk, number in self._numbers(contact_ids):
            groups.setdefault(number, []).append(pk)
        found: dict[UUID, tuple[UUID, str]] = {}
        for number, group in groups.items():
            addresses = addresses_for(group, number, channel=self.channel)
            found |= {pk: (number, addresses.get(pk, "")) for pk in group}
        return found

    def _numbers(self, contact_ids: Sequence[UUID]) -> Iterable[tuple[UUID, UUID]]:
        """The number of an open conversation first, so that people answer where they talk."""
        if len(self._order) == 1:
            return [(pk, self._order[0]) for pk in contact_ids]
        talking = Thread.objects.filter(
            contact_id__in=contact_ids, connection_id__in=self._order
        ).exclude(last_inbound_at=None)
        latest = talking.order_by("contact_id", "-last_inbound_at").distinct("contact_id")
        known = dict(latest.values_list("contact_id", "connection_id"))
        return [
            (pk, known.get(pk) or pick_connection(self.campaign.pk, pk, self._order))
            for pk in contact_ids
        ]

    def _prepare(self, person: Person, number: UUID, address: str, seen: set[str]) -> Judged:
        """What can be said without the gate: a repeated address, a value that is missing."""
        waits = self.split.waits(person.id)
        variant = self.split.variant_of(person.id)
        content = self.contents.first if waits else self.contents.by_key[variant.key]
        values, empty = content.values_of(person)
        verdict = gate.ALLOWED
        known = canonical(address) if address else ""
        if known and known in seen:
            # The address belongs to the first contact that has it; a skipped row needs none.
            verdict, address = gate.deny(DUPLICATE), ""
        elif empty:
            verdict = gate.deny(EMPTY_VARIABLE, variables=empty)
        seen.add(known)
        key = REST if waits else variant.key
        return Judged(uuid7(), person, number, address, content, key, values, verdict)

    def _people(self, contact_ids: Collection[UUID]) -> list[Person]:
        """In the order of their ids."""
        columns = ("pk", "name", *(["attributes"] if self.contents.needs_attributes else []))
        contacts = Contact.objects.filter(pk__any_of=contact_ids).order_by("pk")
        people = [Person(*row) for row in contacts.values_list(*columns)]
        if self.contents.identities:
            self._fill_identities(people)
        return people

    def _fill_identities(self, people: Iterable[Person]) -> None:
        """The first canonical phone and e-mail of each."""
        by_id = {person.id: person for person in people}
        rows = (
            Identity.objects.held()
            .filter(contact_id__in=by_id, kind__in=self.contents.identities, alias_of=None)
            .order_by("-created_at")
            .values_list("contact_id", "kind", "value")
        )
        for contact_id, kind, value in rows:
            setattr(by_id[contact_id], kind, value)


def _chosen(campaign: Campaign) -> Connection:
    if campaign.connection is None:
        raise ValueError("a campaign without a number has no recipients")
    return campaign.connection
