"""A company's own fields: defined once, and then held wherever a contact is written."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from core import scope
from core.errors import Conflict, Invalid
from crm import audiences
from crm.imports.mapping import guess
from crm.imports.rows import Accepted, Refused, judge
from crm.models import FieldDefinition
from crm.selectors import attribute_keys, field_definition, field_definitions
from crm.services import fields
from crm.services.contacts import update_contact
from tenants.enums import Role
from tenants.models import Company
from tests.crm.factories import a_contact

inside = pytest.mark.usefixtures("company")


def a_field(kind: str, key: str = "valor", **more: Any) -> FieldDefinition:
    return fields.create_field(label=key.title(), kind=kind, key=key, **more)


@inside
def test_the_key_is_made_of_the_name_and_stands_once() -> None:
    made = fields.create_field(label="  Data de  Nascimento ", kind="date")
    assert (made.label, made.key) == ("Data de Nascimento", "data_de_nascimento")
    with pytest.raises(Conflict) as caught:
        a_field("text", "data_de_nascimento")
    assert (caught.value.code, caught.value.field) == ("field_exists", "key")


@inside
@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"label": "", "kind": "text"}, "label"),
        ({"label": "A", "kind": "colour"}, "kind"),
        ({"label": "A", "kind": "text", "key": "a:b"}, "key"),
        ({"label": "!!!", "kind": "text"}, "key"),
        ({"label": "A", "kind": "choice"}, "choices"),
        ({"label": "A", "kind": "text", "choices": ["x"]}, "choices"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        fields.create_field(**given)
    assert list(caught.value.errors) == [field]


@inside
def test_choices_are_one_whatever_their_case_and_can_be_changed() -> None:
    made = a_field("choice", choices=["Ouro", "OURO ", "Prata"])
    assert made.choices == ["OURO", "Prata"]
    fields.update_field(definition=made, choices=["Bronze"], label="Plano")
    made.refresh_from_db()
    assert (made.label, made.choices) == ("Plano", ["Bronze"])


@inside
def test_fields_have_an_order() -> None:
    first, _second, third = (a_field("text", key) for key in "abc")
    fields.move_field(definition=third, to=0)
    fields.move_field(definition=first, to=9)
    assert list(field_definitions()) == ["c", "b", "a"]
    assert attribute_keys() == ["c", "b", "a"]


@inside
def test_an_archived_field_is_free_text_and_comes_back() -> None:
    made = a_field("number")
    fields.archive_field(definition=made)
    contact = a_contact(attributes={"valor": "muito"})
    assert contact.attributes == {"valor": "muito"}
    fields.restore_field(definition=made)
    with pytest.raises(Invalid):
        update_contact(contact=contact, changes={"attributes": {"valor": "pouco"}})


@inside
def test_a_field_does_not_come_back_over_another_of_its_key() -> None:
    made = a_field("number")
    fields.archive_field(definition=made)
    a_field("date")
    with pytest.raises(Conflict):
        fields.restore_field(definition=made)
    assert field_definitions()["valor"].kind == "date"


@inside
def test_values_are_kept_by_their_kind_and_others_as_they_are() -> None:
    a_field("money")
    contact = a_contact(attributes={"valor": "R$ 1.234,5", "cidade": "Recife"})
    assert contact.attributes == {"valor": "1234.50", "cidade": "Recife"}
    update_contact(contact=contact, changes={"attributes": {"valor": " "}})
    contact.refresh_from_db()
    assert contact.attributes == {"cidade": "Recife"}


@inside
def test_what_does_not_fit_is_refused_and_what_was_there_before_is_not_judged() -> None:
    contact = a_contact(attributes={"valor": "caro"})
    a_field("money")
    update_contact(contact=contact, changes={"attributes": {"valor": "caro", "cidade": "Natal"}})
    with pytest.raises(Invalid) as caught:
        update_contact(contact=contact, changes={"attributes": {"valor": "barato"}})
    assert caught.value.errors["attributes.valor"][0].code == "field_money"
    contact.refresh_from_db()
    assert contact.attributes == {"valor": "caro", "cidade": "Natal"}


@inside
def test_a_bad_cell_is_the_reason_of_its_row() -> None:
    a_field("date", "aniversario")
    mapping = {"0": "phone", "1": "attribute:aniversario"}
    known = field_definitions()
    good = judge((2, ["11987654321", "21/11/1990"]), mapping, known)
    bad = judge((3, ["11987654322", "ontem"]), mapping, known)
    assert isinstance(good, Accepted)
    assert good.attributes == {"aniversario": "1990-11-21"}
    assert isinstance(bad, Refused)
    assert bad.code == "field_date"


@inside
def test_a_column_with_the_name_of_a_field_means_it() -> None:
    fields.create_field(label="Código", kind="number", key="cod")
    assert guess(["Fone", "CODIGO"], [], field_definitions()) == {
        "0": "phone",
        "1": "attribute:cod",
    }


@inside
@pytest.mark.parametrize(
    ("kind", "rule", "names"),
    [
        ("number", {"op": "equals", "value": "9"}, ["A"]),
        ("number", {"op": "equals_not", "value": "9"}, ["B", "none"]),
        ("number", {"op": "greater", "value": "9"}, ["B"]),
        ("money", {"op": "less", "value": "9,5"}, ["A"]),
        ("number", {"op": "not_empty"}, ["A", "B"]),
    ],
)
def test_rules_compare_numbers_as_numbers(
    kind: str, rule: dict[str, Any], names: list[str]
) -> None:
    a_field(kind)
    for name, value in (("A", "9"), ("B", "10"), ("none", None)):
        a_contact(name=name, attributes={"valor": value})
    assert found({"kind": "attribute:valor", **rule}) == names


@inside
def test_rules_compare_dates_choices_and_answers() -> None:
    a_field("date", "dia")
    a_field("choice", "plano", choices=["Ouro", "Prata"])
    a_field("yes_no", "vip")
    a_contact(name="A", attributes={"dia": "21/11/2020", "plano": "ouro", "vip": "sim"})
    a_contact(name="B", attributes={"dia": "2021-01-01", "plano": "Prata", "vip": "não"})
    for rule, names in (
        ({"kind": "attribute:dia", "op": "on", "value": "2020-11-21"}, ["A"]),
        ({"kind": "attribute:dia", "op": "after", "value": "2020-11-21"}, ["B"]),
        ({"kind": "attribute:dia", "op": "last_days", "value": 30}, []),
        ({"kind": "attribute:plano", "op": "any_of", "value": ["Ouro"]}, ["A"]),
        ({"kind": "attribute:plano", "op": "none_of", "value": ["Ouro"]}, ["B"]),
        ({"kind": "attribute:vip", "op": "yes"}, ["A"]),
        ({"kind": "attribute:vip", "op": "no"}, ["B"]),
    ):
        assert found(rule) == names, rule


@inside
def test_rules_count_days_from_today_by_the_companys_clock(company: Company) -> None:
    a_field("date", "dia")
    today = timezone.now().astimezone(ZoneInfo(company.timezone)).date()
    for name, days in (("last week", -7), ("today", 0), ("next week", 7), ("next month", 30)):
        a_contact(name=name, attributes={"dia": (today + timedelta(days)).isoformat()})
    past = {"kind": "attribute:dia", "op": "last_days", "value": 7}
    assert found(past) == ["last week", "today"]
    assert found({**past, "op": "next_days"}) == ["next week", "today"]


@inside
def test_a_rule_goes_on_when_its_field_is_put_away() -> None:
    made = a_field("choice", choices=["Ouro"])
    a_contact(name="A", attributes={"valor": "Ouro"})
    rule = {"kind": "attribute:valor", "op": "any_of", "value": ["Ouro"]}
    kept = audiences.validate({"include": [rule]})
    assert [one.text for one in audiences.describe(kept)] == ["“Valor” is one of Ouro"]
    fields.archive_field(definition=made)
    assert audiences.count(kept) == 1
    assert [one.text for one in audiences.describe(kept)] == ["“valor” is one of Ouro"]


@inside
def test_a_key_that_no_field_can_have_is_no_field() -> None:
    assert field_definition("a\0b") is None
    with pytest.raises(Invalid):
        audiences.validate({"include": [{"kind": "attribute:a\0b", "op": "is", "value": "x"}]})


@inside
def test_a_rule_from_before_the_field_had_a_kind_goes_on() -> None:
    a_contact(name="A", attributes={"valor": "9"})
    rule = {"kind": "attribute:valor", "op": "contains", "value": "9"}
    kept = audiences.validate({"include": [rule]})
    a_field("number")
    assert audiences.count(kept) == 1
    predicate = audiences.predicate_of("attribute:valor")
    assert predicate is not None
    assert "contains" not in [one.name for one in predicate.operators]


def found(rule: dict[str, Any]) -> list[str]:
    kept = audiences.validate({"include": [rule]})
    return sorted(audiences.select(kept).values_list("name", flat=True))


def test_fields_are_managed_on_their_page(aurora: Company, client_for: Any) -> None:
    visitor, url = client_for(aurora), "/c/aurora/contacts/fields/"
    form = {"label": "Plano", "kind": "choice", "choices": "Ouro\nPrata", "key": ""}
    assert visitor.post(url, form).status_code == 302
    assert visitor.post(url, form).status_code == 422
    with scope.opened(aurora):
        made = FieldDefinition.objects.get()
    visitor.post(f"{url}{made.pk}/", {"label": "Nível", "choices": "Ouro\nBronze"})
    visitor.post(f"{url}{made.pk}/move/", {"to": "down"})
    page = visitor.get(url).content.decode()
    assert "Nível" in page
    assert "Ouro, Bronze" in page
    visitor.post(f"{url}{made.pk}/archive/")
    with scope.opened(aurora):
        assert field_definitions() == {}
    visitor.post(f"{url}{made.pk}/archive/", {"back": "1"})
    with scope.opened(aurora):
        assert list(field_definitions()) == ["plano"]
    assert client_for(aurora, Role.AGENT).post(url, form).status_code == 403


def test_the_form_of_a_contact_asks_by_kind(aurora: Company, client_for: Any) -> None:
    visitor = client_for(aurora)
    with scope.opened(aurora):
        plan, day, vip = (
            a_field("choice", "plano", choices=["Ouro", "Prata"]),
            a_field("date", "dia"),
            a_field("yes_no", "vip"),
        )
        contact = a_contact()
        # From before the field had its choices.
        contact.attributes = {"plano": "Ouro", "dia": "um dia", "uf": "PE"}
        contact.save()
    url = f"/c/aurora/contacts/{contact.pk}/edit/"
    page = visitor.get(url).content.decode()
    assert '<option value="Ouro" selected>' in page
    form = {
        "name": "Ana",
        "phone": "11987654321",
        "attributes": "uf: PE",
        f"field_{plan.pk.hex}": "Prata",
        f"field_{day.pk.hex}": "um dia",
        f"field_{vip.pk.hex}": "yes",
    }
    assert visitor.post(url, form).status_code == 302
    with scope.opened(aurora):
        contact.refresh_from_db()
    assert contact.attributes == {"plano": "Prata", "dia": "um dia", "uf": "PE", "vip": True}
    answer = visitor.post(url, {**form, f"field_{day.pk.hex}": "31/02/2026"})
    assert answer.status_code == 422
    assert f'id="id_field_{day.pk.hex}_error"' in answer.content.decode()


def test_fields_are_managed_by_the_api(aurora: Company, api_client: Any) -> None:
    api, url = api_client(aurora), "/api/v1/fields/"
    answer = api.post(url, {"label": "Pontos", "kind": "number"}, format="json")
    assert (answer.status_code, answer.json()["key"]) == (201, "pontos")
    one = f"{url}{answer.json()['id']}/"
    assert api.patch(one, {"label": "Milhas"}, format="json").json()["label"] == "Milhas"
    assert [row["id"] for row in api.get(url).json()["results"]] == [answer.json()["id"]]
    contact = {"name": "Ana", "phone": "11987654321", "attributes": {"pontos": "muitos"}}
    refused = api.post("/api/v1/contacts/", contact, format="json")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "attributes.pontos"
    assert api.delete(one).status_code == 204
    assert api.get(one).status_code == 404
    assert api.post("/api/v1/contacts/", contact, format="json").status_code == 201
