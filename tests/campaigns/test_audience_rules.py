"""Audiences of people by what campaigns brought them."""

from typing import Any

import pytest
from django.utils import timezone

from campaigns.models import Campaign
from core.errors import Invalid
from core.ids import encode
from crm import audiences
from messaging.enums import DispatchState
from messaging.models import Message
from tenants.models import Company
from tests.campaigns.factories import a_campaign
from tests.campaigns.test_lifecycle import contacts, run


@pytest.fixture
def campaign(company: Company) -> Campaign:
    """To three people: one answered, one clicked, one got nothing."""
    contacts(3)
    campaign = run(a_campaign())
    rows = list(Message.objects.order_by("contact_id"))
    now = timezone.now()
    accepted = DispatchState.ACCEPTED
    Message.objects.filter(pk=rows[0].pk).update(dispatch=accepted, replied_at=now)
    Message.objects.filter(pk=rows[1].pk).update(dispatch=accepted, clicked_at=now)
    Message.objects.filter(pk=rows[2].pk).update(dispatch=DispatchState.REJECTED, code="1")
    return campaign


def found(campaign: Campaign, op: str) -> list[int]:
    """The places of the people whom the rule finds."""
    rule = {"kind": "campaign", "op": op, "value": [encode("cmp", campaign.pk)]}
    kept = audiences.validate({"include": [rule]})
    people = list(Message.objects.order_by("contact_id").values_list("contact_id", flat=True))
    return sorted(people.index(pk) for pk in audiences.select(kept).values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("op", "places"),
    [
        ("received", [0, 1]),
        ("not_received", [2]),
        ("answered", [0]),
        ("not_answered", [1, 2]),
        ("clicked", [1]),
        ("not_clicked", [0, 2]),
    ],
)
def test_people_are_found_by_what_they_got_and_did(
    campaign: Campaign, op: str, places: list[int]
) -> None:
    assert found(campaign, op) == places


@pytest.mark.parametrize("value", [None, {}, {"campaign": "x", "codes": ["1"]}, {"codes": []}])
def test_who_is_tried_again_must_be_said_whole(campaign: Campaign, value: Any) -> None:
    with pytest.raises(Invalid):
        audiences.validate({"include": [{"kind": "resend_of", "op": "is", "value": value}]})
