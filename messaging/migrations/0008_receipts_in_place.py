from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messaging", "0007_template_former_category"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="message",
            name="message_by_state",
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["stream", "dispatch"], name="message_by_state"),
        ),
        # A message is written seven times in its life; room in its page keeps it there.
        migrations.RunSQL(
            "ALTER TABLE messaging_message SET (fillfactor = 75)",
            "ALTER TABLE messaging_message RESET (fillfactor)",
        ),
    ]
