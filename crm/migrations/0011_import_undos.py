import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0010_the_list_of_contacts"),
        ("team", "0003_alert_after"),
    ]

    operations = [
        migrations.AlterField(
            model_name="consent",
            name="action",
            field=models.CharField(
                choices=[
                    ("opt_in", "Opted in"),
                    ("opt_out", "Opted out"),
                    ("undone", "Taken back"),
                ],
                max_length=7,
            ),
        ),
        migrations.AddField(
            model_name="import",
            name="undo_until",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="importrow",
            name="changes",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="importrow",
            name="undo",
            field=models.CharField(blank=True, db_default="", default="", max_length=16),
        ),
        migrations.CreateModel(
            name="ImportUndo",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("checking", "Counting"),
                            ("checked", "Counted"),
                            ("running", "Running"),
                            ("done", "Done"),
                        ],
                        default="checking",
                        max_length=8,
                    ),
                ),
                ("cursor", models.PositiveIntegerField(default=0)),
                ("counts", models.JSONField(default=dict)),
                (
                    "requested_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("finished_at", models.DateTimeField(editable=False, null=True)),
                (
                    "batch",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="undone",
                        to="crm.import",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="team.member",
                    ),
                ),
            ],
            options={
                "verbose_name": "undo of an import",
                "verbose_name_plural": "undone imports",
            },
        ),
    ]
