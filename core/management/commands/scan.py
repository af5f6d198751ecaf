"""`bin/manage scan`: the resident process that turns due agenda rows into hints."""

import signal
from typing import Any

from django.core.management.base import BaseCommand

from core import stopping
from core.agenda.scanner import scan_forever


class Command(BaseCommand):
    help = "Scan the agenda until stopped; several may run at once."

    def handle(self, *args: Any, **options: Any) -> None:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stopping.ask())
        scan_forever(stopping.is_asked)
