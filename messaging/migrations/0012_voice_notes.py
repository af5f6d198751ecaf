from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0011_fewer_writes")]

    operations = [
        migrations.AddField(
            model_name="media",
            name="is_voice",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
