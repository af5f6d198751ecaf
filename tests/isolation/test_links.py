"""Tracked links live on one address for all companies; each knows its own codes alone."""

from django.test import Client

from campaigns.links import code_text
from core.scope import opened
from messaging.models import Message
from tenants.models import Company
from tests.databases import undone
from tests.isolation.checks import fingerprint
from tests.isolation.conftest import Worlds
from tests.isolation.world import World

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148"


def path(prefix_of: Company, world: World) -> str:
    """The link of a world behind some company's prefix."""
    return f"/l/{prefix_of.link_prefix}{code_text(world.things['link'].code)}"


def test_a_link_leads_where_its_own_company_says(worlds: Worlds, client: Client) -> None:
    for world in worlds:
        with undone():
            answer = client.get(path(world.company, world), headers={"User-Agent": PHONE})
            assert (answer.status_code, answer["Location"]) == (
                302,
                f"https://example.com/{world.marker}",
            )
            with opened(world.company):
                assert Message.objects.filter(clicked_at__isnull=False).count() == 1


def test_the_code_of_one_company_is_nothing_behind_anothers_prefix(
    worlds: Worlds, client: Client
) -> None:
    aurora, boreal = worlds
    before = fingerprint()
    for prefix_of, world in ((aurora, boreal), (boreal, aurora)):
        answer = client.get(path(prefix_of.company, world), headers={"User-Agent": PHONE})
        assert answer.status_code == 404
        assert world.marker not in answer.content.decode()
    assert fingerprint() == before
