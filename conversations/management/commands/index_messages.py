"""``manage.py index_messages``: make messages findable that were there before search was."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from conversations.services import texts
from core import scope
from tenants.selectors import all_companies


class Command(BaseCommand):
    help = "Indexes the messages of every company for the inbox's search. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        for company in all_companies():
            with scope.opened(company):
                place = texts.backfill()
                while place is not None:
                    place = texts.backfill(after=place)
            self.stdout.write(f"{company.slug}: done")
