"""What the superadmin should see of the ingress: incidents of the platform, one of each kind, open
as long as there is something to look at."""

from __future__ import annotations

from django.db import transaction

from core import scope
from tenants.services import incidents
from webhooks.ingress.enums import EnvelopeState
from webhooks.ingress.models import Envelope
from webhooks.ingress.services import spool

SPOOLED, CORRUPT, DEAD = "ingress.spooled", "ingress.spool_corrupt", "ingress.dead"


def look() -> None:
    """Open and close them (a chore of the scanner)."""
    counts = {
        SPOOLED: spool.count(),
        CORRUPT: len(spool.corrupt()),
        DEAD: Envelope.objects.filter(state=EnvelopeState.DEAD).count(),
    }
    with scope.public(), transaction.atomic():
        for kind, count in counts.items():
            if count:
                incidents.report(kind=kind, scope="ingress", cause=kind)
            else:
                incidents.close(kind=kind, scope="ingress")
