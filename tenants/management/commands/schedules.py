"""`bin/manage schedules`: write the periodic tasks that are missing; so does beat at its start."""

from typing import Any

from django.core.management.base import BaseCommand

from core import schedules


class Command(BaseCommand):
    help = "Write the schedules of the product into beat's tables, where they are missing."

    def handle(self, *args: Any, **options: Any) -> None:
        written = schedules.sync()
        self.stdout.write(f"{len(schedules.schedules)} schedules, {len(written)} of them new")
