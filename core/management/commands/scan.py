"""`bin/manage scan`: the resident process that turns due agenda rows into hints."""

import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand

from core.agenda.scanner import scan_forever


class Command(BaseCommand):
    help = "Scan the agenda until stopped; several may run at once."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        scan_forever(stop.is_set)
