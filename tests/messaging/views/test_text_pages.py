"""Writing a template for SMS: no review, and how many parts it will be."""

from collections.abc import Callable

import pytest
from django.test import Client

from connections.models import Connection
from core import scope
from messaging.models import Template
from tenants.models import Company
from tests.messaging import texting

BASE = "/c/aurora/templates/"


@pytest.fixture
def number(aurora: Company) -> Connection:
    with scope.opened(aurora):
        return texting.a_text_number()


@pytest.fixture
def desk(aurora: Company, client_for: Callable[..., Client]) -> Client:
    return client_for(aurora)


def typed(number: Connection, **changed: str) -> dict[str, str]:
    form = {
        "connection": str(number.pk),
        "name": "lembrete",
        "language": "pt_BR",
        "category": "UTILITY",
        "body": "Oi {{nome}}, sua consulta foi marcada.",
        "header": "Ignorado",
        "fallback:nome": "cliente",
    }
    return {**form, **changed}


def test_it_is_saved_and_can_be_sent_at_once(
    desk: Client, number: Connection, aurora: Company
) -> None:
    answer = desk.post(f"{BASE}new/", typed(number), follow=True)
    assert "it can be sent at once" in answer.text
    assert 'data-testid="segments"' in answer.text
    with scope.opened(aurora):
        template = Template.objects.get()
        assert (template.channel, template.status) == ("sms", "APPROVED")
        assert [one["type"] for one in template.components] == ["BODY"]


def test_the_preview_counts_the_parts(desk: Client, number: Connection) -> None:
    plain = desk.post(f"{BASE}preview/", typed(number, body="Ola"))
    assert "1 SMS · GSM-7 · 157 left" in plain.text
    long = desk.post(f"{BASE}preview/", typed(number, body="Olá, " + "a" * 70))
    assert "2 SMS each · UCS-2 · 59 left" in long.text
    assert "because of: á" in long.text


def test_it_is_changed_in_place(desk: Client, number: Connection, aurora: Company) -> None:
    desk.post(f"{BASE}new/", typed(number))
    with scope.opened(aurora):
        template = Template.objects.get()
    page = desk.get(f"{BASE}{template.pk}/edit/")
    assert "goes into review" not in page.text
    desk.post(f"{BASE}{template.pk}/edit/", typed(number, name="aviso", body="Até já."))
    with scope.opened(aurora):
        template.refresh_from_db()
    assert (template.name, template.components[0]["text"]) == ("aviso", "Até já.")
