"""A/B: who gets which content, decided by a stable hash, so that a repeat decides the same.

Each question has a salt of its own: being in the holdout says nothing about the variant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import accumulate
from typing import Any
from uuid import UUID

from campaigns.models import Campaign
from messaging.enums import HOLDOUT

MOST = 5

_RANGE = 1 << 64


@dataclass(frozen=True, slots=True)
class Variant:
    """One content of a campaign.

    Attributes:
        key: "A", "B" …; empty where a campaign has only one content.
        weight: its share, in relation to the others' weights.
    """

    key: str
    template_id: UUID
    variables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    weight: int = 1


def variants_of(campaign: Campaign) -> list[Variant]:
    """The contents of a campaign whose template is chosen; without A/B the one it has."""
    if not campaign.variants:
        if campaign.template_id is None:
            return []
        return [Variant("", campaign.template_id, campaign.variables)]
    return [
        Variant(one["key"], UUID(one["template"]), one["variables"], one["weight"])
        for one in campaign.variants
    ]


def draw(salt: str, campaign_id: UUID, contact_id: UUID) -> float:
    """A number in [0, 1) that is always the same for these three, and even over all contacts."""
    digest = blake2b(campaign_id.bytes + contact_id.bytes, digest_size=8, person=salt.encode())
    return int.from_bytes(digest.digest(), "big") / _RANGE


class Split:
    """The split of one campaign's audience."""

    def __init__(self, campaign: Campaign, variants: Sequence[Variant]) -> None:
        self._campaign_id = campaign.pk
        self._holdout = campaign.holdout_percent / 100
        waits = bool(campaign.winner_rule) and not campaign.winner and len(variants) > 1
        self._sample = campaign.winner_rule["sample_percent"] / 100 if waits else 1.0
        self._winner = next((one for one in variants if one.key == campaign.winner), None)
        self._variants = variants
        self._bounds = list(accumulate(one.weight for one in variants))

    def is_held_out(self, contact_id: UUID) -> bool:
        """Whether the contact gets nothing, so that its group can be compared with."""
        return bool(self._holdout) and self._draw(HOLDOUT, contact_id) < self._holdout

    def waits(self, contact_id: UUID) -> bool:
        """Whether the contact gets the better variant, once it is known."""
        return self._sample < 1 and self._draw("sample", contact_id) >= self._sample

    def variant_of(self, contact_id: UUID) -> Variant:
        """The contact's variant: the winner where there is one, else by weight."""
        if self._winner is not None:
            return self._winner
        if len(self._variants) == 1:
            return self._variants[0]
        point = self._draw("variant", contact_id) * self._bounds[-1]
        return next(
            one for one, bound in zip(self._variants, self._bounds, strict=True) if point < bound
        )

    def _draw(self, salt: str, contact_id: UUID) -> float:
        return draw(salt, self._campaign_id, contact_id)


def pick_connection(campaign_id: UUID, contact_id: UUID, connections: Sequence[UUID]) -> UUID:
    """The number that a contact is written to from, evenly over all of them."""
    if len(connections) == 1:
        return connections[0]
    return connections[int(draw("connection", campaign_id, contact_id) * len(connections))]
