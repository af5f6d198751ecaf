from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("crm", "0016_what_an_undo_would_change")]

    operations = [
        migrations.AddField(
            model_name="importrow",
            name="note",
            field=models.CharField(blank=True, db_default="", default="", max_length=32),
        ),
    ]
