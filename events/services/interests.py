"""Which types of events a company's own subscribers want to hear of."""

from collections.abc import Collection

from django.db import transaction

from events.models import Interest


@transaction.atomic
def declare(*, subscriber: str, types: Collection[str]) -> None:
    """Say all that a subscriber wants from now on; what it wanted before and is not named ends.

    Call it in the transaction that switches an endpoint or an automation on or off: the next event
    of a type named here has its delivery, and not one before.

    Args:
        subscriber: a name that `events.bus.listen` knows.
        types: of events, as the catalogue names them ("message.received").
    """
    rows = Interest.objects.filter(subscriber=subscriber)
    rows.exclude(type__in=types).delete()
    Interest.objects.bulk_create(
        [Interest(subscriber=subscriber, type=name) for name in sorted(types)],
        ignore_conflicts=True,
    )
