"""Facts of campaigns."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from events.facts import Fact


@dataclass(frozen=True, kw_only=True)
class CampaignCreated(Fact):
    """A draft was made."""

    type: ClassVar[str] = "campaign.created"
    campaign_id: UUID
    name: str


@dataclass(frozen=True, kw_only=True)
class CampaignStateChanged(Fact):
    """A campaign went from one state to another; `code` says why when nobody asked for it."""

    type: ClassVar[str] = "campaign.state_changed"
    campaign_id: UUID
    name: str
    former: str
    state: str
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class WinnerChosen(Fact):
    """One variant goes to everybody who waited; `code` says how it won (enums.WinnerCode)."""

    type: ClassVar[str] = "campaign.winner_chosen"
    campaign_id: UUID
    variant: str
    code: str


@dataclass(frozen=True, kw_only=True)
class LinkClicked(Fact):
    """A recipient opened a tracked link for the first time."""

    type: ClassVar[str] = "campaign.link_clicked"
    campaign_id: UUID
    message_id: UUID
    url: str
