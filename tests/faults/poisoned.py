"""A worker of events whose handler kills it over one of them: `python -m tests.faults.poisoned`.

`POISON` names the number that kills; without it the handler is mended.
"""

import os
from dataclasses import dataclass
from typing import ClassVar

import django

if __name__ == "__main__":
    django.setup()

from core import scope
from events import bus, deliveries, facts
from events.models import Delivery, Event, Interest
from tenants.models import Company

NAME = "test.poisoned"


@dataclass(frozen=True, kw_only=True)
class Counted(facts.Fact):
    """A number was said."""

    type: ClassVar[str] = "test.counted"
    number: int


def handle(event: Event) -> None:
    """Write down that it was done, in the delivery's transaction."""
    number = event.data["number"]
    if str(number) == os.environ.get("POISON"):
        os._exit(9)
    Interest.objects.create(type=f"done:{number}", subscriber=NAME)


def listen() -> None:
    """Subscribe; the test does too, so that publishing writes deliveries."""
    bus.subscribe(NAME, Counted, handle, mode="durable")


if __name__ == "__main__":
    listen()
    company = Company.objects.get(slug="aurora")
    with scope.opened(company), scope.surroundings(company):
        while Delivery.objects.due(NAME).exists():
            deliveries.deliver(NAME)
