"""The company's business hours as they are stored."""

from django.utils import timezone

from conversations.models import BusinessHours
from conversations.opening import Opening


def current() -> BusinessHours:
    """The company's hours; without any wishes when it has none."""
    return BusinessHours.objects.first() or BusinessHours()


def opening_of(hours: BusinessHours) -> Opening:
    """The hours on the clock of the company whose surroundings are open."""
    return Opening(
        zone=timezone.get_current_timezone_name(),
        slots=hours.slots,
        country=hours.country,
        closed_days=frozenset(hours.closed_days),
    )
