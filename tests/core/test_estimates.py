"""What the planner expects: near the truth once a table was analysed."""

from django.db import connection

from core.estimates import estimated
from crm.models import Tag
from tenants.models import Company


def test_rows_are_estimated_by_the_statistics_of_their_table(company: Company) -> None:
    colors = ["red"] * 300 + ["blue"] * 100
    Tag.objects.bulk_create(
        Tag(name=f"tag {index}", key=f"tag {index}", color=color)
        for index, color in enumerate(colors)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE crm_tag")
    assert estimated(Tag.objects.all()) == 400
    assert estimated(Tag.objects.filter(color="blue").order_by("name")) == 100
