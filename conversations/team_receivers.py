"""What follows for teams: who should have which conversation, and what is said without them."""

from typing import Any
from uuid import UUID

from conversations import visibility
from conversations.services import away, lateness, routing, watching
from events.models import Event
from team.models import TeamMember


def route_opened(event: Event) -> None:
    """A conversation came in or came back: it goes to whoever's turn it is."""
    routing.route(conversation_id=UUID(event.data["conversation_id"]))


def on_received(event: Event) -> None:
    """A customer wrote; outside the hours an away message may be due."""
    away.consider(thread_id=UUID(event.data["thread_id"]))


def watch_team(event: Event) -> None:
    """A team is new or works in another way: it is looked after, if it asks for it."""
    watching.begin(team_id=UUID(event.data["team_id"]))


def give_to_available(event: Event) -> None:
    """Somebody takes conversations again: what waits in their teams need not wait."""
    if not event.data["is_available"]:
        return
    places = TeamMember.objects.filter(member_id=event.data["member_id"])
    for team_id in places.values_list("team_id", flat=True):
        routing.give_waiting(team_id=team_id)


def sight_changed(_event: Event) -> None:
    """A team has other members, or is gone: some may hear of other conversations now."""
    visibility.teams_changed()


def hours_shifted(**_kwargs: Any) -> None:
    """tenants.signals.company_zone_changed: the hours that count are at another time of day."""
    lateness.promises_changed()


def promises_changed(event: Event) -> None:
    """The company or a team promises something else, or the hours that count are others."""
    if lateness.PROMISED & set(event.data.get("changed", lateness.PROMISED)):
        lateness.promises_changed()
