from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0015_pairs_by_likeness")]

    operations = [
        migrations.AddField(
            model_name="importundo",
            name="has_effect",
            field=models.BooleanField(default=True),
        ),
    ]
