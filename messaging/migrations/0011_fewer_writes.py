from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("connections", "0004_breakers"),
        ("crm", "0003_suppression_lists_and_keywords"),
        ("messaging", "0010_wire_at"),
        ("team", "0001_initial"),
    ]

    operations = [
        # Rows planned before this wait for their release; from now on a run's state alone decides.
        migrations.RunSQL(
            "UPDATE messaging_message SET due_at = created_at"
            " WHERE dispatch = 'planned' AND due_at IS NULL AND variant <> 'rest'",
            migrations.RunSQL.noop,
        ),
        migrations.RemoveIndex(
            model_name="message",
            name="message_due_in_stream",
        ),
        migrations.RemoveIndex(
            model_name="message",
            name="message_due_alone",
        ),
        migrations.RemoveIndex(
            model_name="message",
            name="message_suspect",
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(
                    ("dispatch__in", ("planned", "queued", "retry_wait")), ("stream__isnull", False)
                ),
                fields=["stream", "connection", "due_at", "id"],
                name="message_due_in_stream",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(
                    ("dispatch__in", ("planned", "queued", "retry_wait")), ("stream__isnull", True)
                ),
                fields=["connection", "priority", "due_at", "id"],
                name="message_due_alone",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(
                    ("crashes__gte", 2), ("dispatch__in", ("planned", "queued", "retry_wait"))
                ),
                fields=["connection", "due_at"],
                name="message_suspect",
            ),
        ),
    ]
