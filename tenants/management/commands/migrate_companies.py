"""`bin/manage migrate_companies`: public first, then the template, then the companies that lag.

Resumable: a company counts as done when its own migration history says so, so a second run after
a kill goes on with the rest. Companies are migrated by parallel processes.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from subprocess import CompletedProcess, run
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from core.ids import uuid7
from tenants import schemas
from tenants.models import Company


class Command(BaseCommand):
    help = "Bring the public schema, the template and every company up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--jobs", type=int, default=2, help="processes at once")

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)
        self._migrate_template()
        names = schemas.lagging()
        with ThreadPoolExecutor(max_workers=options["jobs"]) as pool:
            results = dict(zip(names, pool.map(_migrate, names), strict=True))
        failed = {name: result for name, result in results.items() if result.returncode}
        if failed:
            lines = [f"{name}: {result.stderr.strip()[-300:]}" for name, result in failed.items()]
            raise CommandError("These companies could not be migrated:\n" + "\n".join(lines))
        self.stdout.write(f"public, template and {len(names)} companies migrated")

    def _migrate_template(self) -> None:
        template, _ = Company.objects.get_or_create(
            schema_name=schemas.TEMPLATE_SCHEMA,
            defaults={"id": uuid7(), "name": "template", "slug": "new", "is_template": True},
        )
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE SCHEMA IF NOT EXISTS "{schemas.TEMPLATE_SCHEMA}"')
        call_command(
            "migrate_schemas",
            schema_name=template.schema_name,
            interactive=False,
            verbosity=0,
        )


def _migrate(schema: str) -> CompletedProcess[str]:
    """In a process of its own: Django's state and connection belong to one schema at a time."""
    command = [sys.executable, "manage.py", "migrate_schemas", "--schema", schema, "-v0"]
    return run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
