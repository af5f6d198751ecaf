"""The pages of templates: list, one, writing with a live preview."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from connections.models import Connection
from core import scope
from messaging.models import Template
from messaging.services import template_sync
from sandbox.testing import Handle
from tenants.models import Company
from tests.connections.factories import connected, control

pytestmark = pytest.mark.django_db
BASE = "/c/aurora/templates/"


@pytest.fixture
def desk(aurora: Company, sandbox: Handle, client_for: Callable[..., Client]) -> Client:
    control(sandbox, "reset", what=["accounts", "settings"])
    return client_for(aurora, "manager")


@pytest.fixture
def number(desk: Client, aurora: Company) -> Connection:
    with scope.opened(aurora):
        return connected()


def text(answer: Any) -> str:
    return str(answer.content.decode())


def typed(number: Connection, **changed: Any) -> dict[str, Any]:
    """What the browser sends of a filled form."""
    form = {
        "connection": str(number.pk),
        "name": "pedido",
        "language": "pt_BR",
        "category": "UTILITY",
        "header": "",
        "body": "Olá {{nome}}, o seu pedido saiu hoje.",
        "footer": "Aurora",
        "example:nome": "Ana",
        "fallback:nome": "cliente",
        "button_type_0": "QUICK_REPLY",
        "button_text_0": "Obrigado",
    }
    return {**form, **changed}


def the(aurora: Company, **which: Any) -> Template:
    with scope.opened(aurora):
        return Template.objects.get(**which)


class TestList:
    def test_without_a_number_it_says_what_to_do(
        self, aurora: Company, client_for: Callable[..., Client]
    ) -> None:
        assert "/c/aurora/connections/new/" in text(client_for(aurora, "owner").get(BASE))

    def test_sync_in_one_click(self, desk: Client, number: Connection) -> None:
        page = text(desk.post(f"{BASE}sync/", follow=True))
        assert "order_confirmed" in page
        assert "black_friday" in page

    def test_it_is_narrowed_and_costs_few_queries(
        self, desk: Client, number: Connection, aurora: Company, django_assert_max_num_queries: Any
    ) -> None:
        with scope.opened(aurora):
            template_sync.sync(number)
        desk.get(BASE)
        with django_assert_max_num_queries(14):
            page = text(desk.get(BASE, {"q": "Black Fri", "status": "PAUSED"}))
        assert page.count('id="template-') == 1

    def test_pages_of_fifty(
        self, desk: Client, number: Connection, aurora: Company, sandbox: Handle
    ) -> None:
        control(sandbox, "settings", extra_templates=60)
        with scope.opened(aurora):
            total = template_sync.sync(number).total
        control(sandbox, "reset", what=["accounts", "settings"])
        first = desk.get(BASE)
        assert len(first.context["page"].items) == 50
        second = desk.get(BASE, {"cursor": first.context["page"].next})
        names = [row.pk for page in (first, second) for row in page.context["page"].items]
        assert len(set(names)) == total
        assert second.context["page"].next == ""
        assert desk.get(BASE, {"cursor": "nonsense"}).status_code == 200

    def test_the_provider_away_is_said(
        self, desk: Client, number: Connection, settings: Any
    ) -> None:
        settings.GRAPH_BASE_URL = "http://127.0.0.1:1"
        answer = desk.post(f"{BASE}sync/", follow=True)
        assert [message.level_tag for message in answer.context["messages"]] == ["error"]


class TestWrite:
    def test_a_draft_then_review(self, desk: Client, number: Connection, aurora: Company) -> None:
        answer = desk.post(f"{BASE}new/", typed(number))
        template = the(aurora, name="pedido")
        assert answer["Location"] == f"{BASE}{template.pk}/"
        assert (template.status, template.variables[0]["fallback"]) == ("DRAFT", "cliente")
        desk.post(f"{BASE}{template.pk}/submit/")
        assert the(aurora, name="pedido").status == "PENDING"

    def test_or_review_at_once(self, desk: Client, number: Connection, aurora: Company) -> None:
        desk.post(f"{BASE}new/", typed(number, submit="1"))
        assert the(aurora, name="pedido").status == "PENDING"

    def test_refusals_stand_at_their_places(self, desk: Client, number: Connection) -> None:
        wrong = typed(number, name="Pedido", **{"example:nome": "", "button_text_0": "x" * 26})
        answer = desk.post(f"{BASE}new/", wrong)
        assert answer.status_code == 422
        assert "name" in answer.context["form"].errors
        assert answer.context["variables"][0]["error"]
        assert answer.context["buttons"][0]["error"]

    def test_a_draft_is_edited(self, desk: Client, number: Connection, aurora: Company) -> None:
        desk.post(f"{BASE}new/", typed(number))
        template = the(aurora, name="pedido")
        page = text(desk.get(f"{BASE}{template.pk}/edit/"))
        assert 'value="Ana"' in page
        assert 'value="Obrigado"' in page
        desk.post(f"{BASE}{template.pk}/edit/", typed(number, name="outro", footer=""))
        assert the(aurora, name="outro").status == "DRAFT"

    def test_without_a_number_the_wizard_comes_first(
        self, aurora: Company, client_for: Callable[..., Client]
    ) -> None:
        answer = client_for(aurora, "owner").get(f"{BASE}new/")
        assert answer["Location"] == "/c/aurora/connections/new/"


class TestPreview:
    def preview(self, desk: Client, number: Connection, query: str = "", **changed: Any) -> Any:
        return desk.post(f"{BASE}preview/{query}", typed(number, **changed))

    def test_the_bubble_fills_itself(self, desk: Client, number: Connection) -> None:
        page = text(self.preview(desk, number))
        assert "Olá Ana, o seu pedido saiu hoje." in page
        assert "Obrigado" in page

    def test_a_new_variable_asks_for_its_example(self, desk: Client, number: Connection) -> None:
        answer = self.preview(desk, number, body="Oi {{nome}}, seu {{numero}} chegou na loja.")
        assert [row["name"] for row in answer.context["variables"]] == ["nome", "numero"]

    def test_what_would_be_refused_is_said_while_typing(
        self, desk: Client, number: Connection
    ) -> None:
        assert self.preview(desk, number).context["warnings"] == []
        assert self.preview(desk, number, body="{{nome}} oi").context["warnings"] != []

    def test_buttons_come_and_go(self, desk: Client, number: Connection) -> None:
        added = self.preview(desk, number, "?add=1").context["buttons"]
        assert [row["button"].text for row in added] == ["Obrigado", ""]
        two = {"button_type_1": "URL", "button_text_1": "Ver", "button_value_1": "https://a.br"}
        left = self.preview(desk, number, "?remove=0", **two).context["buttons"]
        assert [row["button"].text for row in left] == ["Ver"]

    @pytest.mark.parametrize("body", ["<script>alert(1)</script>", "{{nome}}", "{% now %}"])
    def test_nothing_typed_becomes_code(self, desk: Client, number: Connection, body: str) -> None:
        page = text(self.preview(desk, number, body=body, **{"example:nome": "<b>x</b>"}))
        assert "<script>alert" not in page
        assert "<b>x</b>" not in page

    def test_an_empty_form_is_no_error(self, desk: Client, number: Connection) -> None:
        assert desk.post(f"{BASE}preview/", {}).status_code == 200


class TestOne:
    def test_every_synced_one_can_be_looked_at(
        self, desk: Client, number: Connection, aurora: Company
    ) -> None:
        with scope.opened(aurora):
            template_sync.sync(number)
            keys = list(Template.objects.values_list("pk", flat=True))
        assert {desk.get(f"{BASE}{key}/").status_code for key in keys} == {200}
        assert {desk.get(f"{BASE}{key}/edit/").status_code for key in keys} == {200}

    def test_fallbacks_and_delete(self, desk: Client, number: Connection, aurora: Company) -> None:
        desk.post(f"{BASE}new/", typed(number))
        template = the(aurora, name="pedido")
        desk.post(f"{BASE}{template.pk}/fallbacks/", {"fallback:nome": "você"})
        assert the(aurora, name="pedido").variables[0]["fallback"] == "você"
        assert desk.post(f"{BASE}{template.pk}/delete/")["Location"] == BASE
        assert desk.get(f"{BASE}{template.pk}/").status_code == 404

    def test_agents_may_look_and_not_touch(
        self, number: Connection, aurora: Company, client_for: Callable[..., Client]
    ) -> None:
        agent = client_for(aurora, "agent")
        assert agent.get(BASE).status_code == 200
        assert agent.post(f"{BASE}sync/").status_code == 403
        assert agent.get(f"{BASE}new/").status_code == 403
