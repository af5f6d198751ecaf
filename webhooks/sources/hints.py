"""Open pages hear that something was posted or understood; what it was they ask for."""

from core import realtime, scope

TOPIC = "sources"


def changed() -> None:
    """Something about some source's posts is different now."""
    realtime.push_coalesced(scope.required_company_id(), TOPIC, "changed")
