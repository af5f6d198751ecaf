"""The inbox from the command line."""

from io import StringIO

from django.core.management import call_command

from conversations import search
from conversations.models import MessageText
from core.scope import opened
from tenants.models import Company
from tests.conversations.factories import a_conversation


def test_messages_of_every_company_become_findable(aurora: Company, boreal: Company) -> None:
    for company in (aurora, boreal):
        with opened(company):
            a_conversation(content={"text": "cadeira azul"})
            MessageText.objects.all().delete()
    out = StringIO()
    call_command("index_messages", stdout=out)
    assert sorted(out.getvalue().split("\n")) == sorted(
        ["", *(f"{company.slug}: done" for company in (aurora, boreal))]
    )
    for company in (aurora, boreal):
        with opened(company):
            assert len(search.message_page("cadeira", member=None).items) == 1
