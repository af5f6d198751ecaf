"""The first card: public prices of late 2026 (data/2026-11.csv says from where), to be verified by
the superadmin. Later cards come through the admin, never through a migration."""

import csv
from pathlib import Path

from django.db import migrations

FILE = Path(__file__).parent.parent / "data" / "2026-11.csv"


def write(apps, schema_editor):
    rate = apps.get_model("rates", "Rate")
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = [
            {**row, "effective_until": row["effective_until"] or None}
            for row in csv.DictReader(file)
        ]
    rate.objects.bulk_create([rate(**row) for row in rows])


class Migration(migrations.Migration):
    dependencies = [("rates", "0001_initial")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
