"""`bin/manage agenda rebuild`: the agenda written anew from the companies' own rows."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django_tenants.utils import get_tenant_model

from core.agenda import rebuild
from core.agenda.hints import place


class Command(BaseCommand):
    help = "Restore the agenda from the rows of every company (after a partial restore)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["rebuild"])

    def handle(self, *args: Any, **options: Any) -> None:
        companies = get_tenant_model().objects.filter(is_template=False)
        schemas = ["public", *companies.values_list("schema_name", flat=True)]
        total = 0
        for schema in schemas:
            with place(schema):
                total += rebuild()
        self.stdout.write(f"{total} rows appended for {len(schemas) - 1} companies")
