from django.db import migrations, models

import tenants.models


def give_prefixes(apps, schema_editor):
    """Each company that is there already gets its own."""
    taken = set()
    for company in apps.get_model("tenants", "Company").objects.all():
        prefix = tenants.models.new_link_prefix()
        while prefix in taken:
            prefix = tenants.models.new_link_prefix()
        taken.add(prefix)
        company.link_prefix = prefix
        company.save(update_fields=["link_prefix"])


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]

    operations = [
        migrations.AddField(
            "company",
            "link_prefix",
            models.CharField(
                default=tenants.models.new_link_prefix, editable=False, max_length=4, null=True
            ),
        ),
        migrations.RunPython(give_prefixes, migrations.RunPython.noop),
        migrations.AlterField(
            "company",
            "link_prefix",
            models.CharField(
                default=tenants.models.new_link_prefix, editable=False, max_length=4, unique=True
            ),
        ),
        migrations.AddField(
            "route",
            "account_id",
            models.CharField(blank=True, default="", max_length=128),
        ),
        migrations.AddIndex(
            "route",
            models.Index(
                condition=models.Q(("kind", "number")),
                fields=["provider", "account_id"],
                name="route_of_account",
            ),
        ),
    ]
