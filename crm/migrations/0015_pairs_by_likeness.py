from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0014_erasures_are_asked_for"), ("team", "0005_retention")]

    operations = [
        migrations.AddIndex(
            model_name="mergesuggestion",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["likeness", "-found_at", "-id"],
                name="suggestion_open_likeness",
            ),
        ),
    ]
