"""What the preflight counts is what the run then does: over 200 audiences, for every reason."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import chain
from typing import Any

import pytest
from django.utils import timezone

from campaigns import drafts
from campaigns.enums import CampaignState
from campaigns.models import Campaign
from campaigns.preflight import Preflight, preflight
from campaigns.services import preparation
from connections.models import Connection
from core.ids import uuid7
from crm.enums import Channel, ConsentAction, IdentityKind, Purpose
from crm.models import Consent, Contact, Identity
from crm.services.suppressions import suppress
from messaging import gate
from messaging.enums import Direction, DispatchState, MessageKind, Origin
from messaging.models import Message, SendingPolicy, Template, TierUse
from tenants.models import Company
from tests.campaigns.factories import a_campaign, a_connection, a_template
from tests.databases import undone

PARTS, AUDIENCES = 4, 48  # and two rare ones; in parts, so that workers share them
OF_A_KIND = 5
# What each kind of person meets, apart from what the campaign itself brings.
KINDS = {
    "fine": "",
    "nameless": "",  # with a fallback; without one they are left out
    "silent": "no_consent",
    "opted_out": "opted_out",
    "suppressed": "suppressed",
    "unreachable": "address_missing",
    "misspelt": "address_invalid",
    "twin": "duplicate",
    "tired": "frequency_cap",
}


class Town:
    """People of every kind, made in bulk."""

    def __init__(self, number: Connection) -> None:
        people = {kind: [self._person(kind) for _ in range(OF_A_KIND)] for kind in KINDS}
        self.everybody = [person for found in people.values() for person in found]
        Contact.objects.bulk_create(self.everybody)
        phones = {one.pk: f"+55119{81000000 + at}" for at, one in enumerate(self.everybody)}
        self._identities(people, phones)
        self._consents(people)
        for one in people["suppressed"]:
            suppress(address=phones[one.pk], channel=Channel.WHATSAPP, reason="manual")
        Message.objects.bulk_create(_earlier(one, number) for one in people["tired"])

    def some(self, chance: random.Random) -> list[str]:
        """A few of them."""
        found = chance.sample(self.everybody, chance.randint(1, len(self.everybody)))
        return [str(one.pk) for one in found]

    def _person(self, kind: str) -> Contact:
        return Contact(id=uuid7(), name="" if kind == "nameless" else f"Ana {kind}")

    def _identities(self, people: Mapping[str, list[Contact]], phones: Mapping[Any, str]) -> None:
        rows = []
        for kind, found in people.items():
            for at, one in enumerate(found):
                value = phones[one.pk]
                if kind == "twin":  # known at WhatsApp by the number that another contact has
                    value = phones[people["fine"][at].pk].removeprefix("+")
                    rows.append(Identity(contact=one, kind=IdentityKind.WA_ID, value=value))
                elif kind != "unreachable":
                    value = f"+0{at}" if kind == "misspelt" else value
                    rows.append(Identity(contact=one, kind=IdentityKind.PHONE, value=value))
        Identity.objects.bulk_create(rows)

    def _consents(self, people: Mapping[str, list[Contact]]) -> None:
        lines = [
            _line(one, ConsentAction.OPT_IN)
            for kind, found in people.items()
            for one in found
            if kind != "silent"
        ]
        lines += [_line(one, ConsentAction.OPT_OUT) for one in people["opted_out"]]
        Consent.objects.bulk_create(lines)


def _line(contact: Contact, action: ConsentAction) -> Consent:
    return Consent(
        id=uuid7(),
        contact=contact,
        channel=Channel.WHATSAPP,
        purpose=Purpose.MARKETING,
        action=action,
        source="test",
    )


def _earlier(contact: Contact, number: Connection) -> Message:
    """Marketing that went out yesterday."""
    return Message(
        contact=contact,
        connection=number,
        direction=Direction.OUT,
        kind=MessageKind.TEMPLATE,
        origin=Origin.API,
        purpose=Purpose.MARKETING,
        dispatch=DispatchState.ACCEPTED,
        at=timezone.now() - timedelta(days=1),
    )


class World:
    """A number and two templates, with rules that a case sets."""

    def __init__(self) -> None:
        self.number = a_connection()
        self.templates = [a_template(self.number), a_template(self.number)]
        self.town = Town(self.number)
        self.policy = SendingPolicy.objects.create(cap_messages=1)

    def rare(self) -> Iterator[Campaign]:
        """Campaigns to the whole town, stopped by nothing but what chance seldom brings: more
        people than the number's tier has room for, more than the money reaches."""
        variables = {"nome": {"field": "first_name", "fallback": "cliente"}}
        audience = {"contacts": [str(one.pk) for one in self.town.everybody]}
        self._number(tier="TIER_20", paused_until=None)
        yield a_campaign(self.templates[0], audience=audience, variables=variables)
        self._number(tier="", paused_until=None)
        money = {"budget": Decimal("0.40"), "currency": "BRL"}
        yield a_campaign(self.templates[0], audience=audience, variables=variables, **money)

    def case(self, chance: random.Random) -> Campaign:
        """A campaign to some of the town, by rules drawn at random."""
        now = timezone.now()
        self._number(
            tier=chance.choice(["", "TIER_20"]),
            paused_until=chance.choice([None, None, now + timedelta(hours=1)]),
        )
        fields: dict[str, Any] = {
            "audience": {"contacts": self.town.some(chance)},
            "variables": self._variables(chance),
            "holdout_percent": chance.choice([0, 0, 30]),
            "local_time": chance.choice([True, False]),
        }
        if chance.random() < 0.5:
            fields["window"] = _closed_now()
            fields["expires_at"] = chance.choice([None, now + timedelta(hours=1)])
        if chance.random() < 0.3:
            fields |= {"budget": Decimal("0.40"), "currency": "BRL"}
        if chance.random() < 0.4:
            fields |= self._variants(chance)
        return a_campaign(self.templates[0], **fields)

    def _number(self, *, tier: str, paused_until: datetime | None) -> None:
        self.number.tier = tier
        self.number.paused_until = paused_until
        self.number.state = "paused" if paused_until else "active"
        self.number.save()

    def _variables(self, chance: random.Random) -> dict[str, Any]:
        fallback = chance.choice([{"fallback": "cliente"}, {"skip_if_empty": True}, {}])
        return {"nome": {"field": "first_name", **fallback}}

    def _variants(self, chance: random.Random) -> dict[str, Any]:
        variants = [
            {"template": str(template.pk), "variables": self._variables(chance), "weight": 50}
            for template in self.templates
        ]
        rule = {"metric": "read", "sample_percent": 40, "after_minutes": 60}
        return {"variants": variants, "winner_rule": chance.choice([{}, rule])}


def _closed_now() -> dict[str, Any]:
    """A window of tomorrow and no other day."""
    day = (timezone.localtime() + timedelta(days=2)).weekday()
    return {"days": [day], "from": "09:00", "to": "20:00"}


@pytest.fixture
def world(company: Company) -> World:
    return World()


def run(campaign: Campaign) -> Preflight:
    """What really happens, in the words of the preflight: one step plans this many people."""
    Campaign.objects.filter(pk=campaign.pk).update(state=CampaignState.PREPARING)
    assert preparation.Preparation(campaign.pk).step()
    rows = list(Message.objects.filter(stream=campaign.stream_id).order_by("contact_id"))
    planned = [row for row in rows if row.dispatch == DispatchState.PLANNED]
    verdicts = gate.judge(
        [gate.Candidate.of(row) for row in planned], now=timezone.now(), effects=False
    )
    return Preflight(
        total=len(rows),
        sendable=len(planned),
        skipped=Counter(row.code for row in rows if row.dispatch == DispatchState.SKIPPED),
        delayed=Counter(verdict.code for verdict in verdicts if verdict.code),
        variants=Counter(row.variant for row in planned),
    )


def counts(result: Preflight) -> tuple[Any, ...]:
    return (
        result.total,
        result.sendable,
        dict(result.skipped),
        dict(result.delayed),
        dict(result.variants),
    )


@pytest.mark.parametrize("part", range(PARTS))
def test_the_preflight_counts_what_the_run_does_over_two_hundred_audiences(
    world: World, part: int
) -> None:
    TierUse.objects.bulk_create(
        TierUse(
            portfolio_id=world.number.account_id,
            contact=person,
            at=timezone.now() - timedelta(hours=1),
        )
        for person in world.town.everybody[OF_A_KIND // 2 :][:19]
    )
    chance = random.Random(part)
    seen: Counter[str] = Counter()
    drawn = (world.case(chance) for _ in range(AUDIENCES))
    for number, campaign in enumerate(chain(world.rare(), drawn)):
        told = preflight(campaign)
        with undone():  # else each run would be searched for what all before it left behind
            assert counts(told) == counts(run(campaign)), f"audience {number}: {campaign.audience}"
        seen.update(told.skipped)
        seen.update(told.delayed)
    # Every reason of the rules that exist has occurred.
    assert set(seen) == {
        *(
            "no_consent",
            "opted_out",
            "suppressed",
            "address_missing",
            "address_invalid",
            "duplicate",
        ),
        *("frequency_cap", "variable_missing", "holdout", "window_never"),
        *("quiet_hours", "connection_paused", "tier_limit", "budget_reached"),
    }


def test_nothing_is_changed_by_looking(world: World) -> None:
    campaign = world.case(random.Random(1))
    before = Message.objects.count(), TierUse.objects.count()
    preflight(campaign)
    assert (Message.objects.count(), TierUse.objects.count()) == before


def test_without_a_message_there_is_nothing_to_look_at(company: Company) -> None:
    campaign = a_campaign(template=None, connection=None, variables={})
    with pytest.raises(drafts.NotReady) as caught:
        preflight(campaign)
    assert [str(step) for step in caught.value.steps] == ["message"]


def test_each_variant_is_shown_by_one_persons_message(world: World) -> None:
    template = world.templates[1]
    Template.objects.filter(pk=template.pk).update(
        components=[{"type": "BODY", "text": "Oi {{nome}}!"}]
    )
    fallback = {"nome": {"value": "gente"}}
    campaign = a_campaign(
        world.templates[0],
        variants=[
            {"template": str(one.pk), "variables": fallback, "weight": 50}
            for one in world.templates
        ],
    )
    samples = {one.variant: one.content["body"] for one in preflight(campaign).samples}
    assert samples == {"A": "Olá gente, temos uma oferta.", "B": "Oi gente!"}
