"""One way to send for every channel: POST /api/v1/messages/."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from connections.enums import ConnectionState
from connections.models import Connection
from core import scope
from core.ids import encode
from crm.models import Contact
from messaging.dispatch import lanes
from messaging.dispatch.pump import pump
from messaging.models import Message
from sandbox.testing import Handle
from tenants.models import Company
from tests.messaging import factories, texting

URL = "/api/v1/messages/"
ANA = "+5511987654321"


@pytest.fixture
def api(aurora: Company, api_client: Callable[..., APIClient]) -> APIClient:
    return api_client(aurora)


@pytest.fixture
def number(aurora: Company) -> Connection:
    with scope.opened(aurora):
        return texting.a_text_number()


def send(api: APIClient, **data: Any) -> Any:
    return api.post(URL, data, format="json")


def errors(answer: Any) -> dict[str, str]:
    return {error["field"]: error["code"] for error in answer.json()["errors"]}


class TestTexts:
    @pytest.mark.parametrize("channel", ["sms", "SMS", " Sms "])
    def test_to_a_new_number_whatever_the_channels_case(
        self, api: APIClient, number: Connection, channel: str, sandbox: Handle, aurora: Company
    ) -> None:
        answer = send(api, to="(11) 98765-4321", channel=channel, text="Seu código é 7")
        assert answer.status_code == 201, answer.json()
        data = answer.json()
        assert (data["channel"], data["state"], data["segments"]) == ("sms", "queued", 1)
        with scope.opened(aurora):
            pump(lanes.REPLIES, str(number.pk))
        [sent] = texting.sent(sandbox)
        assert (sent["to"], sent["body"]) == (ANA, "Seu código é 7")
        assert api.get(f"{URL}{data['id']}/").json()["state"] == "sent"

    def test_to_a_contact_through_a_number(
        self, api: APIClient, number: Connection, aurora: Company
    ) -> None:
        with scope.opened(aurora):
            [ana] = texting.people(1)
        contact, connection = encode("con", ana.pk), encode("cnx", number.pk)
        answer = send(api, contact=contact, connection=connection, text="Oi")
        assert answer.status_code == 201
        assert (answer.json()["contact"], answer.json()["connection"]) == (contact, connection)

    def test_the_same_again_is_refused_with_its_reason(
        self, api: APIClient, number: Connection, aurora: Company, sandbox: Handle
    ) -> None:
        assert send(api, to=ANA, channel="sms", text="Oi").status_code == 201
        with scope.opened(aurora):
            pump(lanes.REPLIES, str(number.pk))
        answer = send(api, to=ANA, channel="sms", text="Oi")
        assert (answer.status_code, answer.json()["code"]) == (409, "sms_duplicate")

    def test_a_number_that_may_send_is_taken_first(
        self, api: APIClient, number: Connection, aurora: Company
    ) -> None:
        with scope.opened(aurora):
            Connection.objects.filter(pk=number.pk).update(state=ConnectionState.STOPPED)
            other = texting.a_text_number("+5511940002001")
        answer = send(api, to=ANA, channel="sms", text="Oi")
        assert answer.json()["connection"] == encode("cnx", other.pk)


class TestTemplates:
    @pytest.mark.parametrize("variables", [{"1": "Ana", "2": "7"}, ["Ana", "7"]])
    @pytest.mark.parametrize("shape", ["components", "legacy"])
    def test_by_name_in_either_shape_with_values_either_way(
        self,
        api: APIClient,
        number: Connection,
        aurora: Company,
        variables: Any,
        shape: str,
    ) -> None:
        with scope.opened(aurora):
            template = texting.a_text_template(number, "Olá {{1}}, pedido {{2}}")
            if shape == "legacy":
                template.components, template.variables = {"body": "Olá {{1}}, pedido {{2}}"}, []
                template.save()
        answer = send(api, to=ANA, channel="SMS", template="lembrete", variables=variables)
        assert answer.status_code == 201, answer.json()
        assert answer.json()["text"] == "Olá Ana, pedido 7"

    def test_on_whatsapp_the_same_call(self, api: APIClient, aurora: Company) -> None:
        with scope.opened(aurora):
            template = factories.a_template(factories.a_connection())
        answer = send(
            api, to=ANA, template=encode("tpl", template.pk), variables={"1": "Ana", "2": "7"}
        )
        assert (answer.status_code, answer.json()["channel"]) == (201, "whatsapp")
        assert answer.json()["segments"] is None

    def test_marketing_asks_for_consent_to_sms(
        self, api: APIClient, number: Connection, aurora: Company
    ) -> None:
        with scope.opened(aurora):
            texting.a_text_template(number, "Promoção", category="MARKETING")
        answer = send(api, to=ANA, channel="sms", template="lembrete")
        assert (answer.status_code, answer.json()["code"]) == (409, "no_consent")
        with scope.opened(aurora):
            # Nobody stays behind of what was not sent.
            assert not Contact.objects.exists()
            assert not Message.objects.exists()

    def test_rather_twice_than_never_only_by_choice(
        self, api: APIClient, number: Connection, aurora: Company
    ) -> None:
        with scope.opened(aurora):
            texting.a_text_template(number, "Código 7", category="UTILITY")
        template = {"to": ANA, "channel": "sms", "template": "lembrete", "at_least_once": True}
        answer = send(api, **template)
        with scope.opened(aurora):
            assert Message.objects.get(pk__isnull=False).at_least_once
        assert answer.status_code == 201
        text = send(api, to=ANA, channel="sms", text="Oi", at_least_once=True)
        assert errors(text) == {"at_least_once": "invalid"}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"text": "Oi"}, {"to": "one_recipient"}),
        ({"to": ANA, "contact": "con_0123456789ABCDEFGHIJKL", "text": "Oi"}, {"to": None}),
        ({"to": "123", "text": "Oi"}, {"to": "phone_too_short"}),
        ({"to": ANA, "channel": "fax", "text": "Oi"}, {"channel": "invalid_choice"}),
        ({"to": ANA, "channel": "whatsapp", "text": "Oi"}, {"channel": "no_number"}),
        ({"to": ANA, "channel": "sms"}, {"": "one_kind"}),
        ({"to": ANA, "channel": "sms", "template": "nenhum"}, {"template": "does_not_exist"}),
    ],
)
def test_what_is_wrong_is_named(
    api: APIClient, number: Connection, data: dict[str, Any], expected: dict[str, str | None]
) -> None:
    answer = send(api, **data)
    assert answer.status_code in (400, 422)
    assert set(errors(answer)) == set(expected)
    for field, code in expected.items():
        assert code in (None, errors(answer)[field])


def test_another_companys_message_does_not_exist(
    api: APIClient, number: Connection, boreal: Company, api_client: Callable[..., APIClient]
) -> None:
    message = send(api, to=ANA, channel="sms", text="Oi").json()["id"]
    assert api_client(boreal).get(f"{URL}{message}/").status_code == 404
