from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("connections", "0004_breakers"),
        ("crm", "0003_suppression_lists_and_keywords"),
        ("messaging", "0008_receipts_in_place"),
        ("team", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="crashes",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("crashes__gte", 2), ("dispatch__in", ("queued", "retry_wait"))),
                fields=["connection", "due_at"],
                name="message_suspect",
            ),
        ),
    ]
