"""Values into templates: for people, for the wire, and from contacts; nothing is evaluated."""

from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from connections.providers.base import Credentials
from connections.registry import provider
from crm.enums import IdentityKind
from crm.models import Contact, Identity
from crm.querysets import ContactQuerySet
from crm.selectors import with_details
from crm.services.fields import create_field
from messaging.models import Template
from messaging.rendering import examples, filler, render, resolve_variables
from messaging.template_parts import variables_of
from sandbox.accounts import DEMO_TOKEN, DEMO_WABA
from sandbox.meta.template_match import check
from sandbox.testing import Handle
from tenants.models import Company
from tests.connections.factories import NUMBER, PROVIDER, control


def template(*components: dict[str, Any], **fields: Any) -> Template:
    made = Template(
        **{"name": "t", "language": "pt_BR", "category": "UTILITY", "components": components}
        | fields
    )
    made.variables = variables_of(made.components, category=made.category)
    return made


BODY = {
    "type": "BODY",
    "text": "Olá {{1}}, pedido {{2}}.",
    "example": {"body_text": [["Ana", "7"]]},
}
HEADER = {
    "type": "HEADER",
    "format": "TEXT",
    "text": "Para {{1}}",
    "example": {"header_text": ["Bia"]},
}
NAMED = {
    "type": "BODY",
    "text": "Olá {{nome}}, em {{data}}, {{nome}}.",
    "example": {"body_text_named_params": [
        {"param_name": "nome", "example": "Ana"}, {"param_name": "data", "example": "25/11"}
    ]},
}  # fmt: skip
BUTTONS = {
    "type": "BUTTONS",
    "buttons": [
        {"type": "QUICK_REPLY", "text": "Sim"},
        {"type": "URL", "text": "Ver", "url": "https://a.br/{{1}}", "example": ["https://a.br/x9"]},
        {"type": "COPY_CODE", "example": "AURORA10"},
        {"type": "PHONE_NUMBER", "text": "Ligar", "phone_number": "+551140001000"},
    ],
}


class TestVariables:
    def test_each_place_has_its_name_and_example(self) -> None:
        found = template(HEADER, BODY, BUTTONS).variables
        assert [(one["name"], one["example"], one["where"], one["type"]) for one in found] == [
            ("header_1", "Bia", "header", "text"),
            ("1", "Ana", "body", "text"),
            ("2", "7", "body", "text"),
            ("button_2", "x9", "button:1", "text"),
            ("button_3", "AURORA10", "button:2", "code"),
        ]

    def test_named_ones_are_one_value_wherever_they_stand(self) -> None:
        header = {"type": "HEADER", "text": "Oi {{nome}}"}
        found = template(header, NAMED, parameter_format="NAMED").variables
        assert [one["name"] for one in found] == ["nome", "data"]

    def test_fallbacks_of_ours_survive(self) -> None:
        known = [{"name": "1", "fallback": "cliente"}, {"name": "gone", "fallback": "x"}]
        found = variables_of([BODY], known=known)
        assert [one["fallback"] for one in found] == ["cliente", ""]

    def test_files_and_places_are_values_too(self) -> None:
        image = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["https://x/y"]}}
        place = {"type": "HEADER", "format": "LOCATION"}
        assert [(one["name"], one["type"]) for one in variables_of([image])] == [
            ("header_image", "image")
        ]
        assert variables_of([place])[0]["name"] == "header_location"


class TestShown:
    def test_every_part_is_filled(self) -> None:
        shown = render(
            template(HEADER, BODY, {"type": "FOOTER", "text": "Aurora"}, BUTTONS),
            {"header_1": "Bia", "1": "Ana", "2": "9", "button_2": "z", "button_3": "CUPOM"},
        )
        assert shown == {
            "header": {"format": "TEXT", "text": "Para Bia"},
            "body": "Olá Ana, pedido 9.",
            "footer": "Aurora",
            "buttons": [
                {"type": "QUICK_REPLY", "text": "Sim"},
                {"type": "URL", "text": "Ver", "url": "https://a.br/z"},
                {"type": "COPY_CODE", "text": "", "code": "CUPOM"},
                {"type": "PHONE_NUMBER", "text": "Ligar", "phone": "+551140001000"},
            ],
        }

    def test_a_missing_value_shows_its_place(self) -> None:
        assert render(template(BODY), {"1": "Ana"})["body"] == "Olá Ana, pedido {{2}}."

    @pytest.mark.parametrize("value", ["{{2}}", "{{ settings.SECRET_KEY }}", "{% load x %}", "\\1"])
    def test_a_value_is_never_evaluated(self, value: str) -> None:
        assert render(template(BODY), {"1": value, "2": "x"})["body"] == f"Olá {value}, pedido x."

    @given(st.text(), st.text())
    def test_any_value_stands_as_it_is(self, one: str, two: str) -> None:
        expected = f"Olá {one or '{{1}}'}, pedido {two or '{{2}}'}."
        assert render(template(BODY), {"1": one, "2": two})["body"] == expected


class TestWire:
    def test_numbers_go_in_their_order(self) -> None:
        swapped = {"type": "BODY", "text": "Pedido {{2}} de {{1}}, {{10}}"}
        values = {"1": "Ana", "2": "9", "10": "x"}
        (component,) = filler(template(swapped))(values)
        assert [one["text"] for one in component["parameters"]] == ["Ana", "9", "x"]

    def test_names_travel_with_their_values(self) -> None:
        made = template(NAMED, parameter_format="NAMED")
        (component,) = filler(made)({"nome": "Ana", "data": "hoje"})
        assert component["parameters"] == [
            {"type": "text", "parameter_name": "nome", "text": "Ana"},
            {"type": "text", "parameter_name": "data", "text": "hoje"},
        ]

    def test_line_breaks_and_runs_of_spaces_become_one(self) -> None:
        (component,) = filler(template(BODY))({"1": " A\n\tB      C ", "2": "x"})
        assert component["parameters"][0]["text"] == "A B C"

    def test_nothing_to_fill_is_nothing_to_send(self) -> None:
        assert filler(template({"type": "BODY", "text": "Oi"}))({}) == []

    @pytest.mark.parametrize(("value", "key"), [("123456", "id"), ("https://a.br/x.png", "link")])
    def test_a_picture_by_handle_or_link(self, value: str, key: str) -> None:
        made = template({"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Oi"})
        assert filler(made)({"header_image": value}) == [
            {"type": "header", "parameters": [{"type": "image", "image": {key: value}}]}
        ]

    def test_the_provider_takes_every_template_that_it_gave_us(self, sandbox: Handle) -> None:
        control(sandbox, "reset", what=["accounts"])
        who = Credentials(NUMBER, DEMO_WABA, {"token": DEMO_TOKEN})
        taken = 0
        for info in provider(PROVIDER).list_templates(who):
            made = template(
                *info.components, category=info.category, parameter_format=info.parameter_format
            )
            values = {**examples(made)}
            values |= {name: "https://a.br/x" for name in values if name.startswith("header_")
                       and name not in ("header_1",)}  # fmt: skip
            remote = {
                "components": info.components,
                "category": info.category,
                "parameter_format": info.parameter_format,
            }
            check(remote, filler(made)(values))
            taken += 1
        assert taken > 10


@pytest.mark.django_db
class TestResolve:
    @pytest.fixture
    def ana(self, company: Company) -> Contact:
        contact = Contact.objects.create(name="Ana Souza", attributes={"cidade": "Recife"})
        for kind, value in (
            (IdentityKind.PHONE, "+5511987654321"),
            (IdentityKind.EMAIL, "ana@x.br"),
        ):
            Identity.objects.create(contact=contact, kind=kind, value=value)
        return contact

    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ({"value": "Oi"}, "Oi"),
            ({"field": "name"}, "Ana Souza"),
            ({"field": "first_name"}, "Ana"),
            ({"field": "phone"}, "+5511987654321"),
            ({"field": "email"}, "ana@x.br"),
            ({"field": "attribute:cidade"}, "Recife"),
            ({"field": "attribute:bairro", "fallback": "centro"}, "centro"),
            ({"field": "__class__", "fallback": "x"}, "x"),
        ],
    )
    def test_sources(self, ana: Contact, source: dict[str, str], expected: str) -> None:
        one = template({"type": "BODY", "text": "Olá {{1}}."})
        assert resolve_variables(one, {"1": source}, ana) == ({"1": expected}, [])

    def test_the_templates_own_fallback_is_the_last(self, ana: Contact) -> None:
        one = template({"type": "BODY", "text": "Olá {{1}}."})
        one.variables[0]["fallback"] = "cliente"
        assert resolve_variables(one, {"1": {"field": "attribute:x"}}, ana)[0] == {"1": "cliente"}

    def test_a_field_with_a_kind_is_said_as_people_write_it(self, ana: Contact) -> None:
        create_field(label="Limite", kind="money")
        ana.attributes = {"limite": "1234.50"}
        one = template({"type": "BODY", "text": "Olá {{1}}."})
        with translation.override("pt-br"):
            values, _missing = resolve_variables(one, {"1": {"field": "attribute:limite"}}, ana)
        assert values == {"1": "1.234,50"}

    def test_what_stays_empty_is_named(self, ana: Contact) -> None:
        values, missing = resolve_variables(template(BODY), {"1": {"value": " "}}, ana)
        assert (values, missing) == ({"1": "", "2": ""}, ["1", "2"])

    def test_many_contacts_cost_no_query_each(
        self, ana: Contact, django_assert_num_queries: Any
    ) -> None:
        one = template({"type": "BODY", "text": "Olá {{1}}."})
        rows: ContactQuerySet = Contact.objects.all()  # type: ignore[assignment]
        contacts = list(with_details(rows))
        with django_assert_num_queries(0):
            for contact in contacts:
                resolve_variables(one, {"1": {"field": "phone"}}, contact)
