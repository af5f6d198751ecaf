"""A worker of envelopes that dies of one of them: `python -m tests.faults.poisoned_envelope`.

`POISON` is the body that kills whoever takes it over; without it the fault is mended.
"""

import os
from collections.abc import Sequence

import django

if __name__ == "__main__":
    django.setup()

from django.utils import timezone

from core import scope
from webhooks.ingress import takers
from webhooks.ingress.enums import EnvelopeState
from webhooks.ingress.models import Envelope
from webhooks.ingress.services import envelopes

PROVIDER = "test.poisoned"


def take(taken: Sequence[takers.Taken]) -> None:
    """Read what was posted, as whoever understands it would."""
    poison = os.environ.get("POISON", "").encode()
    if poison in [one.body for one in taken]:
        os._exit(9)


if __name__ == "__main__":
    takers.register(PROVIDER, take)
    waiting = Envelope.objects.filter(state=EnvelopeState.RECEIVED)
    with scope.public():
        while waiting.filter(due_at__lte=timezone.now()).exists():
            envelopes.split("")
