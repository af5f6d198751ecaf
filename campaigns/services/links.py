"""Tracked links: made while recipients are planned, followed by anybody who has one."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from campaigns.events import LinkClicked
from campaigns.links import Made, Tracker, is_address, split
from campaigns.models import Campaign, Click, Link, LinkCode
from core import scope
from core.bulk import insert_ignoring
from core.errors import NotFound
from core.ids import uuid7
from events.bus import publish
from messaging.services.reactions import note_click
from tenants.enums import CompanyState
from tenants.links import platform_url
from tenants.models import Company

ROUTE = "tracked-link"
# What fetches a link without a person behind it: previews of chats and mails, scanners, crawlers.
_MACHINES = (
    *("bot", "crawler", "spider", "preview", "facebookexternalhit", "whatsapp", "telegram"),
    *("slurp", "curl", "wget", "python", "scanner", "headless", "monitor", "fetch", "http"),
)


class Gone(NotFound):
    """The link's company was deleted or suspended: it leads nowhere (any more)."""

    default_status = 410
    default_code = "link_gone"


def tracker() -> Tracker:
    """What makes the open company's links."""
    company = Company.objects.get(pk=scope.required_company_id())
    return Tracker(base(), company.link_prefix)


def base() -> str:
    """What tracked links begin with."""
    return platform_url(ROUTE, text="0").removesuffix("0")


def store(*, campaign: Campaign, made: Sequence[Made], messages: Collection[UUID]) -> None:
    """Keep the links of those messages that were really planned, in their transaction."""
    kept = [row for row in made if row[2] in messages]
    if not kept:
        return
    ids = _links(campaign, {address for _, address, _ in kept})
    insert_ignoring(
        LinkCode,
        {
            "code": [code for code, _, _ in kept],
            "link_id": [ids[address] for _, address, _ in kept],
            "message_id": [message for _, _, message in kept],
        },
    )


def follow(*, text: str, user_agent: str, is_counted: bool = True) -> str:
    """Where a tracked link leads; the click is counted, machines' are not.

    Args:
        text: what stands behind `/l/`.
        is_counted: False for a request that only asks (HEAD).

    Raises:
        core.errors.NotFound: no such link.
        Gone: its company is no longer at work.
    """
    found = split(text)
    company = Company.objects.filter(link_prefix=found[0]).first() if found else None
    if found is None or company is None:
        raise NotFound
    if company.state != CompanyState.ACTIVE:
        raise Gone
    with scope.opened(company):
        row = LinkCode.objects.select_related("link").filter(code=found[1]).first()
        if row is None or not is_address(row.link.url):
            raise NotFound
        if is_counted and not is_machine(user_agent):
            _count(row)
        return row.link.url


def is_machine(user_agent: str) -> bool:
    """Whether nobody reads what this program fetches; browsers say Mozilla and no such word."""
    agent = user_agent.lower()
    return not agent.startswith("mozilla/") or any(word in agent for word in _MACHINES)


def _links(campaign: Campaign, addresses: Collection[str]) -> dict[str, UUID]:
    wanted = sorted(addresses)
    insert_ignoring(
        Link,
        {"id": [uuid7() for _ in wanted], "url": wanted},
        {"campaign_id": campaign.pk},
    )
    rows = Link.objects.filter(campaign=campaign, url__in=wanted)
    return dict(rows.values_list("url", "pk"))


@transaction.atomic
def _count(row: LinkCode) -> None:
    """Write the click down, and tell of a recipient's first one."""
    now = timezone.now()
    Click.objects.create(code=row, at=now)
    if note_click(message_id=row.message_id, at=now):
        publish(
            LinkClicked(
                campaign_id=row.link.campaign_id, message_id=row.message_id, url=row.link.url
            )
        )
