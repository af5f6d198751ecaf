import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0007_visibility")]

    operations = [
        migrations.CreateModel(
            name="CustomerSignal",
            fields=[
                (
                    "conversation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="conversations.conversation",
                    ),
                ),
                ("external_id", models.CharField(max_length=200)),
                ("is_typing", models.BooleanField(default=False)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
            ],
        ),
        migrations.AddField(
            model_name="inboxsettings",
            name="tells_reading",
            field=models.BooleanField(db_default=True, default=True),
        ),
    ]
