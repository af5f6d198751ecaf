"""Templates for SMS: ours alone, approved at once, a text."""

from dataclasses import replace
from typing import Any

import pytest
from rest_framework.test import APIClient

from connections.models import Connection
from core.errors import Conflict, Invalid
from core.models import AgendaRow
from messaging.bodies import template as body_of
from messaging.dispatch import lanes
from messaging.dispatch.pump import pump
from messaging.enums import DispatchState, Origin
from messaging.models import Message, Template
from messaging.services import outbox, template_sync, templates
from messaging.template_drafts import Button, Draft
from sandbox.testing import Handle
from tenants.models import Company
from tests.messaging import factories, texting

pytestmark = pytest.mark.django_db

DRAFT = Draft(
    name="lembrete",
    language="pt_BR",
    category="MARKETING",
    body="Olá {{nome}}, amanhã às {{hora}}.",
    footer="Responda PARAR para sair",
    fallbacks={"nome": "cliente"},
)


@pytest.fixture
def number(company: Company) -> Connection:
    return texting.a_text_number()


def made(number: Connection, **changed: Any) -> Template:
    return templates.create(connection=number, draft=replace(DRAFT, **changed))


def test_it_is_approved_at_once_and_needs_no_example(number: Connection) -> None:
    template = made(number)
    assert (template.channel, template.status) == ("sms", "APPROVED")
    assert [one["name"] for one in template.variables] == ["nome", "hora"]
    assert template.variables[0]["fallback"] == "cliente"
    with pytest.raises(Conflict):
        templates.submit(template)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"header": "Aurora"}, "header"),
        ({"buttons": [Button("QUICK_REPLY", "Ok")]}, "buttons"),
        ({"body": ""}, "body"),
        ({"body": "x" * 1590}, "body"),
        ({"body": "Olá {{nome}"}, "body"),
        ({"body": "{{nome}} {{1}}"}, "body"),
        ({"footer": "{{nome}}"}, "footer"),
        ({"name": "Nome Errado"}, "name"),
        ({"category": "AUTHENTICATION"}, "category"),
    ],
)
def test_what_no_sms_can_be_is_named(
    number: Connection, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        made(number, **changed)
    assert list(caught.value.errors) == [field]


def test_a_change_is_saved_without_asking_anybody(number: Connection) -> None:
    template = templates.update(made(number), draft=replace(DRAFT, name="aviso", body="Até já."))
    template.refresh_from_db()
    assert (template.name, template.status) == ("aviso", "APPROVED")
    assert (template.components[0]["text"], template.variables) == ("Até já.", [])
    templates.remove(template)
    assert Template.objects.get().deleted_at is not None


def test_nothing_is_read_from_a_provider_that_keeps_none(number: Connection) -> None:
    template = made(number)
    template_sync.request(number)
    assert not AgendaRow.objects.filter(kind=template_sync.SYNC).exists()
    assert template_sync.sync(number).total == 0
    template.refresh_from_db()
    assert template.status == "APPROVED"


def test_it_leaves_as_its_text(number: Connection, sandbox: Handle) -> None:
    [ana] = texting.people(1)
    template = made(number, category="UTILITY")
    message = outbox.send(
        contact=ana,
        connection=number,
        address=factories.address_of(ana),
        body=body_of(template, {"nome": "Ana", "hora": "10h"}),
        origin=Origin.API,
    )
    pump(lanes.REPLIES, str(number.pk))
    message.refresh_from_db()
    assert (message.dispatch, message.segments) == (DispatchState.ACCEPTED, 1)
    [sent] = texting.sent(sandbox)
    assert sent["body"] == "Olá Ana, amanhã às 10h.\nResponda PARAR para sair"
    assert Message.objects.count() == 1


class TestApi:
    URL = "/api/v1/templates/"

    @pytest.fixture
    def api(self, aurora: Company, api_client: Any) -> APIClient:
        client: APIClient = api_client(aurora)
        return client

    def create(self, api: APIClient, number: Connection, **data: Any) -> Any:
        from core.ids import encode

        given = {"connection": encode("cnx", number.pk), "name": "lembrete", "category": "UTILITY"}
        return api.post(self.URL, {**given, **data}, format="json")

    @pytest.mark.parametrize(
        "shape",
        [
            {"body": "Olá {{1}}, até {{2}}", "footer": "PARAR"},
            {"components": {"body": "Olá {{1}}, até {{2}}", "footer": "PARAR"}},
            {
                "components": [
                    {"type": "body", "text": "Olá {{1}}, até {{2}}"},
                    {"type": "FOOTER", "text": "PARAR"},
                ]
            },
        ],
    )
    def test_every_shape_makes_the_same_template(
        self, api: APIClient, number: Connection, shape: dict[str, Any]
    ) -> None:
        answer = self.create(api, number, **shape)
        assert answer.status_code == 201, answer.json()
        data = answer.json()
        assert (data["status"], data["channel"]) == ("APPROVED", "sms")
        assert [one["name"] for one in data["variables"]] == ["1", "2"]
        assert [(one["type"], one["text"]) for one in data["components"]] == [
            ("BODY", "Olá {{1}}, até {{2}}"),
            ("FOOTER", "PARAR"),
        ]

    @pytest.mark.parametrize(
        ("data", "field"),
        [
            ({}, "body"),
            ({"components": {"footer": "x"}}, "components"),
            ({"components": 7}, "components"),
            ({"components": [{"text": "x"}]}, "components"),
            ({"components": [{"type": "HEADER", "format": "IMAGE"}]}, "components"),
        ],
    )
    def test_no_shape_is_said_so(
        self, api: APIClient, number: Connection, data: dict[str, Any], field: str
    ) -> None:
        answer = self.create(api, number, **data)
        assert answer.status_code in (400, 422)
        assert [error["field"] for error in answer.json()["errors"]] == [field]

    def test_the_channel_filters_in_any_case(self, api: APIClient, number: Connection) -> None:
        self.create(api, number, body="Oi")
        for word, count in (("SMS", 1), ("sms", 1), ("WhatsApp", 0)):
            assert len(api.get(self.URL, {"channel": word}).json()["results"]) == count
