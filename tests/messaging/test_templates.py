"""Writing, submitting, changing and deleting templates, and the provider's verdicts."""

import time
from dataclasses import replace
from typing import Any

import pytest

from connections.models import Connection
from connections.providers.base import TemplateUpdate
from core.errors import Conflict, Invalid, Unavailable
from core.models import AgendaRow
from events.models import Event
from messaging.models import Template
from messaging.services import template_sync, templates
from messaging.template_drafts import Button, Draft, draft_of, is_writable
from sandbox.accounts import DEMO_WABA
from sandbox.testing import Handle
from tenants.models import Company
from tests.connections.factories import connected, control

pytestmark = pytest.mark.django_db

DRAFT = Draft(
    name="aviso",
    language="pt_BR",
    category="UTILITY",
    header="Aviso",
    body="Olá {{nome}}, o pedido {{numero}} chegou hoje na loja.",
    buttons=[
        Button("URL", "Ver", "https://a.br/{{1}}"),
        Button("PHONE_NUMBER", "Ligar", "+551140001000"),
    ],
    examples={"nome": "Ana", "numero": "7", "button_1": "x9"},
    fallbacks={"nome": "cliente"},
)


@pytest.fixture
def number(company: Company, sandbox: Handle) -> Connection:
    control(sandbox, "reset", what=["accounts", "settings"])
    control(sandbox, "settings", template_approval_delay=0.05)
    return connected()


def made(number: Connection, **changed: Any) -> Template:
    return templates.create(connection=number, draft=replace(DRAFT, **changed))


def approved(number: Connection) -> Template:
    """Submitted, and approved at the provider and here."""
    template = templates.submit(made(number))
    time.sleep(0.3)
    template_sync.sync(number)
    template.refresh_from_db()
    assert template.status == "APPROVED"
    return template


class TestCreate:
    def test_it_is_a_draft_of_ours_first(self, number: Connection) -> None:
        template = made(number)
        assert (template.status, template.external_id) == ("DRAFT", "")
        assert [(one["name"], one["example"], one["fallback"]) for one in template.variables] == [
            ("nome", "Ana", "cliente"),
            ("numero", "7", ""),
            ("button_1", "x9", ""),
        ]

    def test_a_draft_comes_back_as_it_was_written(self, number: Connection) -> None:
        again = draft_of(made(number))
        assert again == replace(DRAFT, fallbacks={"nome": "cliente", "numero": "", "button_1": ""})

    def test_what_the_provider_would_refuse_is_refused(self, number: Connection) -> None:
        with pytest.raises(Invalid) as caught:
            made(number, body="{{nome}} chegou")
        assert "body" in caught.value.errors
        assert not Template.objects.filter(name="aviso").exists()

    def test_name_and_language_once(self, number: Connection) -> None:
        made(number)
        made(number, language="en")
        with pytest.raises(Conflict) as caught:
            made(number)
        assert caught.value.field == "name"


class TestSubmit:
    def test_it_goes_into_review(self, number: Connection) -> None:
        template = templates.submit(made(number))
        assert (template.status, bool(template.external_id)) == ("PENDING", True)
        with pytest.raises(Conflict):
            templates.submit(template)

    def test_the_providers_own_words_when_it_refuses(
        self, number: Connection, sandbox: Handle
    ) -> None:
        first = made(number)
        templates.submit(first)
        Template.objects.filter(pk=first.pk).delete()
        with pytest.raises(Invalid) as caught:
            templates.submit(made(number))
        assert "already" in str(caught.value.errors[""][0].message)
        assert Template.objects.get(name="aviso").status == "DRAFT"

    def test_the_provider_away_loses_nothing(self, number: Connection, settings: Any) -> None:
        template = made(number)
        settings.GRAPH_BASE_URL = "http://127.0.0.1:1"
        with pytest.raises(Unavailable):
            templates.submit(template)
        assert Template.objects.get(pk=template.pk).status == "DRAFT"


class TestUpdate:
    def test_a_draft_may_become_anything(self, number: Connection) -> None:
        draft = replace(DRAFT, name="outro", body="Olá, tudo bem por aí?", header="")
        template = templates.update(made(number), draft=draft)
        assert (template.name, template.status) == ("outro", "DRAFT")

    def test_an_approved_one_goes_into_review_again_with_its_name(self, number: Connection) -> None:
        template = approved(number)
        draft = replace(DRAFT, name="outro", footer="Aurora")
        templates.update(template, draft=draft)
        assert (template.name, template.status) == ("aviso", "PENDING")
        with pytest.raises(Conflict):
            templates.update(template, draft=draft)

    def test_parts_of_the_providers_tool_are_not_changed_here(self, number: Connection) -> None:
        template_sync.sync(number)
        template = Template.objects.get(name="codigo_acesso")
        assert not is_writable(template)
        with pytest.raises(Conflict):
            templates.update(template, draft=DRAFT)

    def test_fallbacks_may_always_change(self, number: Connection) -> None:
        template_sync.sync(number)
        template = Template.objects.get(name="natal_antecipado")
        templates.set_fallbacks(template, fallbacks={"1": " cliente ", "other": "x"})
        template.refresh_from_db()
        assert [one["fallback"] for one in template.variables] == ["cliente"]


class TestDelete:
    def test_there_and_here(self, number: Connection, sandbox: Handle) -> None:
        template = templates.submit(made(number))
        templates.remove(template)
        assert template_sync.sync(number).created > 0
        assert not Template.objects.filter(name="aviso", deleted_at=None).exists()
        assert made(number).status == "DRAFT"

    def test_not_here_when_the_provider_cannot_be_told(
        self, number: Connection, settings: Any
    ) -> None:
        template = templates.submit(made(number))
        settings.GRAPH_BASE_URL = "http://127.0.0.1:1"
        with pytest.raises(Unavailable):
            templates.remove(template)
        assert Template.objects.get(pk=template.pk).deleted_at is None


class TestUpdatesOfTheProvider:
    def update(self, **changed: Any) -> TemplateUpdate:
        known = {"account_id": DEMO_WABA, "external_id": "", "name": "aviso", "language": "pt_BR"}
        return TemplateUpdate(**{**known, **changed})

    def test_a_verdict_reaches_the_row(self, number: Connection) -> None:
        template = templates.submit(made(number))
        templates.apply_update(self.update(status="REJECTED", reason="SCAM", external_id="9"))
        template.refresh_from_db()
        assert (template.status, template.reason, template.external_id) == ("REJECTED", "SCAM", "9")
        assert Event.objects.filter(type="template.changed").last().data["status"] == "REJECTED"  # type: ignore[union-attr]

    def test_a_repeated_one_is_told_once(self, number: Connection) -> None:
        templates.submit(made(number))
        before = Event.objects.filter(type="template.changed").count()
        for _ in range(3):
            templates.apply_update(self.update(status="APPROVED"))
        assert Event.objects.filter(type="template.changed").count() == before + 1

    def test_another_category_is_remembered_until_it_is_taken_back(
        self, number: Connection
    ) -> None:
        template = templates.submit(made(number))
        moves = [("MARKETING", "UTILITY"), ("MARKETING", "UTILITY"), ("UTILITY", "")]
        for category, former in moves:
            templates.apply_update(self.update(category=category))
            template.refresh_from_db()
            assert (template.category, template.former_category) == (category, former)
            assert template.is_recategorised is bool(former)

    def test_quality_and_category_leave_the_status_alone(self, number: Connection) -> None:
        template = templates.submit(made(number))
        templates.apply_update(self.update(quality="RED"))
        templates.apply_update(self.update(category="MARKETING"))
        template.refresh_from_db()
        assert (template.status, template.quality, template.category) == (
            "PENDING",
            "RED",
            "MARKETING",
        )

    def test_one_that_we_do_not_know_is_fetched(self, number: Connection) -> None:
        AgendaRow.objects.all().delete()
        templates.apply_update(self.update(name="novo", status="APPROVED"))
        assert AgendaRow.objects.filter(kind=template_sync.SYNC, key=str(number.pk)).exists()

    def test_another_accounts_update_is_nobodys(self, number: Connection) -> None:
        template = templates.submit(made(number))
        templates.apply_update(self.update(account_id="other", status="REJECTED"))
        template.refresh_from_db()
        assert template.status == "PENDING"
