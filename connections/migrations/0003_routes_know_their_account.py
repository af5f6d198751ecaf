from django.db import migrations


def tell_routes(apps, schema_editor):
    """Numbers that were connected before the registry knew their account."""
    route = apps.get_model("tenants", "Route")
    rows = apps.get_model("connections", "Connection").objects.filter(deleted_at=None)
    for pk, account_id in rows.values_list("pk", "account_id"):
        route.objects.filter(kind="number", connection_id=pk).update(account_id=account_id)


class Migration(migrations.Migration):
    dependencies = [("connections", "0002_part_two"), ("tenants", "0003_incidents")]

    operations = [migrations.RunPython(tell_routes, migrations.RunPython.noop)]
