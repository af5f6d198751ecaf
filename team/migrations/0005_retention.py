import core.ids
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("team", "0004_reply_promises")]

    operations = [
        migrations.CreateModel(
            name="RetentionRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=24, unique=True)),
                ("days", models.PositiveIntegerField(null=True)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="team.member",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RetentionRun",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=24)),
                ("before", models.DateTimeField()),
                ("places", models.JSONField(default=dict)),
                ("finished", models.JSONField(default=list)),
                ("count", models.PositiveIntegerField(default=0)),
                (
                    "begun_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-begun_at", "-id"],
                "indexes": [models.Index(fields=["kind", "-begun_at"], name="retention_run_list")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("kind",),
                        name="retention_run_once",
                    )
                ],
            },
        ),
    ]
