"""Items that nobody could be given, and what happens when their number connects."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core import scope
from webhooks import items as rows
from webhooks.ingress.models import ParkedItem
from webhooks.services import inbox

# As long as a provider repeats what was not taken; older ones would surprise more than help.
REPLAYED_FOR = timedelta(days=7)


@transaction.atomic
def replay(*, provider: str, number_id: str) -> int:
    """Give the company that is open here what was parked for a number it has just connected.

    What came to another company's own address stays parked: it was meant for them.

    Returns:
        How many items were handed over.
    """
    company_id = scope.required_company_id()
    parked = list(
        ParkedItem.objects.select_for_update(of=("self",))
        .select_related("envelope")
        .filter(Q(envelope__route=None) | Q(envelope__route__company_id=company_id))
        .filter(
            provider=provider,
            external_id=number_id,
            replayed_at=None,
            created_at__gte=timezone.now() - REPLAYED_FOR,
        )
        .order_by("pk")
    )
    arrivals = [
        inbox.Arrival(
            item.envelope_id, item.envelope.received_at, rows.Packed(**item.item), number_id
        )
        for item in parked
    ]
    inbox.accept(provider=provider, arrivals=arrivals)
    ParkedItem.objects.filter(pk__in=[item.pk for item in parked]).update(
        replayed_at=timezone.now()
    )
    return len(parked)
