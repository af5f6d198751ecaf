import core.ids
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0009_erasures"),
        ("team", "0003_alert_after"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactBulk",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("tag", "Add tags"),
                            ("untag", "Take tags off"),
                            ("list", "Put on a list"),
                            ("unlist", "Take off a list"),
                            ("delete", "Delete"),
                            ("restore", "Bring back"),
                        ],
                        max_length=8,
                    ),
                ),
                ("params", models.JSONField(default=dict)),
                ("query", models.TextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("running", "Running"), ("done", "Done"), ("failed", "Failed")],
                        default="running",
                        max_length=7,
                    ),
                ),
                ("total", models.PositiveIntegerField(default=0)),
                ("done", models.PositiveIntegerField(default=0)),
                ("changed", models.PositiveIntegerField(default=0)),
                ("cursor", models.UUIDField(null=True)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "change of many contacts",
                "verbose_name_plural": "changes of many contacts",
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="ContactColumns",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("keys", models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name="ContactView",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("is_shared", models.BooleanField(default=False, verbose_name="everybody sees it")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("query", models.CharField(max_length=1000)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
            ],
            options={
                "verbose_name": "view of contacts",
                "verbose_name_plural": "views of contacts",
                "ordering": ["name", "id"],
            },
        ),
        migrations.AddField(
            model_name="contact",
            name="last_active_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                default=django.utils.timezone.now,
                editable=False,
            ),
        ),
        # The newest message is looked up in batches afterwards (conversations.services.activity).
        migrations.RunSQL(
            "UPDATE crm_contact SET last_active_at = created_at", migrations.RunSQL.noop
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("deleted_at", None)),
                fields=["last_active_at", "id"],
                name="contact_active",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                django.db.models.functions.text.Left(
                    django.db.models.functions.text.Lower(
                        models.Func(
                            "name",
                            models.Value("ÁÀÂÃÄÅÇÉÈÊËÍÌÎÏÑÓÒÔÕÖÚÙÛÜÝáàâãäåçéèêëíìîïñóòôõöúùûüýÿ"),
                            models.Value("aaaaaaceeeeiiiinooooouuuuyaaaaaaceeeeiiiinooooouuuuyy"),
                            function="translate",
                            output_field=models.CharField(),
                        )
                    ),
                    60,
                ),
                models.F("id"),
                condition=models.Q(("deleted_at", None)),
                name="contact_by_name",
            ),
        ),
        migrations.AddField(
            model_name="contactbulk",
            name="requested_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="team.member",
            ),
        ),
        migrations.AddField(
            model_name="contactbulk",
            name="undo_of",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="undone_by",
                to="crm.contactbulk",
            ),
        ),
        migrations.AddField(
            model_name="contactcolumns",
            name="member",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="team.member"
            ),
        ),
        migrations.AddField(
            model_name="contactview",
            name="member",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="team.member"
            ),
        ),
        migrations.AddIndex(
            model_name="contactview",
            index=models.Index(
                condition=models.Q(("is_shared", True)), fields=["name"], name="contact_view_shared"
            ),
        ),
        migrations.AddConstraint(
            model_name="contactview",
            constraint=models.UniqueConstraint(fields=("member", "name"), name="contact_view_once"),
        ),
    ]
