"""What somebody mapped, and what is guessed to start from."""

from typing import Any

import pytest
from django.utils import translation

from core.errors import Invalid
from webhooks.sources import mapper_form, mapping, values
from webhooks.sources.normalised import Normalised

POST = {
    "tipo": "Pago", "pedido": {"id": 7, "total": "1.234,56", "itens": [{"nome": "Curso"}]},
    "cliente": {"nome": "Ana", "contatos": [{"fone": "11987654321"}]}, "utm": {"source": "ig"},
}  # fmt: skip
FIELDS = {
    "kind": "tipo", "order_id": "pedido.id", "amount": "pedido.total", "name": "cliente.nome",
    "product": "pedido.itens[0].nome", "phone": "cliente.contatos[0].fone",
}  # fmt: skip


def told(data: Any = POST, **more: Any) -> list[Normalised]:
    return mapping.normalise(mapping.checked({"fields": FIELDS, **more}), data)


def test_each_place_goes_to_its_field() -> None:
    [one] = told(extra={"campaign": "utm.source"})
    assert one.kind == "purchase.approved"
    assert (one.amount, one.order_id, one.name, one.phone) == (123456, "7", "Ana", "11987654321")
    assert (one.product, one.fields) == ("Curso", {"campaign": "ig"})
    assert one.key == "7:purchase.approved:Pago"


def test_a_word_is_ours_by_the_table_then_by_use_then_by_what_always_holds() -> None:
    assert told(kinds={"Pago": "pix.paid"})[0].kind == "pix.paid"
    odd = {**POST, "tipo": "xyz"}
    assert told(odd)[0].kind == "source.said"
    assert told(odd, always="lead.created")[0].kind == "lead.created"
    assert told({**POST, "tipo": None})[0].kind == ""


def test_centavos_are_said() -> None:
    assert told({**POST, "pedido": {"total": 9750}}, unit="minor")[0].amount == 9750
    assert told({**POST, "pedido": {"total": 97.5}})[0].amount == 9750


def test_a_list_of_things_is_each_of_them() -> None:
    assert len(told([POST, POST])) == 2
    assert len(told({"events": [POST, POST, 1]})) == 1
    assert len(told({"a": {"b": [POST, POST, 1]}}, items="a.b")) == 2


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ([], "mapping"),
        ({"fields": {"phone": "a["}}, "fields.phone"),
        ({"fields": {"shoe": "a"}}, "fields.shoe"),
        ({"unit": "miles"}, "unit"),
        ({"always": "nothing"}, "always"),
        ({"kinds": {"a": "nothing"}}, "kinds"),
        ({"extra": {str(number): "a" for number in range(21)}}, "extra"),
        ({"items": 5}, "items"),
    ],
)
def test_what_cannot_be_read_is_refused(given: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        mapping.checked(given)
    assert field in refused.value.errors


def test_a_guess_to_start_from() -> None:
    found = mapping.suggested(POST)
    assert found["fields"]["name"] == "cliente.nome"
    assert found["fields"]["phone"] == "cliente.contatos[0].fone"
    assert found["kinds"] == {"Pago": "purchase.approved"}


def test_a_test_run_says_why_not() -> None:
    assert mapper_form.tried({"fields": {"phone": "a["}}, POST).error
    with translation.override("en"):
        [one] = mapper_form.tried({"fields": FIELDS}, POST).shown
        rows = {str(label): value for label, value in one.rows}
        assert one.label == "Purchase approved"
    assert rows["Amount"] == "R$\xa01,234.56"
    assert rows["What the system calls it"] == "Pago"


@pytest.mark.parametrize(
    ("written", "centavos"),
    [
        ("R$ 1.234,56", 123456),
        ("1,234.56", 123456),
        (97.5, 9750),
        ("97", 9700),
        ("1.234.567", 123456700),
        ("", None),
        ("abc", None),
        (True, None),
        (None, None),
        ("9" * 40, None),
        ({}, None),
    ],
)
def test_amounts_as_people_write_them(written: Any, centavos: int | None) -> None:
    assert values.from_major(written) == centavos


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00+00:00"),
        ("22/11/2026 10:00", "2026-11-22T10:00:00-03:00"),
        ("2026-11-22 10:00:00", "2026-11-22T10:00:00-03:00"),
        (1763247745854, "2025-11-15T23:02:25.854000+00:00"),
        ("2026-11-22", "2026-11-22T00:00:00-03:00"),
        ("99/99/2026", None),
        ("soon", None),
        (True, None),
        (10**30, None),
        ([], None),
    ],
)
def test_moments_in_any_usual_form(written: Any, iso: str | None) -> None:
    found = values.moment(written)
    assert (found.isoformat() if found else None) == iso
