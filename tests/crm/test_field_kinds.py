"""What people write into a field of a kind, and what is kept of it."""

from typing import Any

import pytest
from django.utils import translation

from crm import field_kinds
from crm.field_kinds import BadField
from crm.models import FieldDefinition


def of(kind: str, *choices: str) -> FieldDefinition:
    return FieldDefinition(key="k", label="K", kind=kind, choices=list(choices))


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        ("text", " 00123 ", " 00123 "),
        ("number", "10", 10),
        ("number", "-10,5", -10.5),
        ("number", "1.234,5", 1234.5),
        ("number", "1,234.5", 1234.5),
        ("number", "1.234.567", 1234567),
        ("number", "0.125", 0.125),
        ("number", 2.5, 2.5),
        ("money", "R$ 1.234,50", "1234.50"),
        ("money", "1.234", "1234.00"),
        ("money", "US$ 0.5", "0.50"),
        ("money", 12, "12.00"),
        ("date", "21/11/2026", "2026-11-21"),
        ("date", "1.2.2026", "2026-02-01"),
        ("date", "2026-11-21T10:00:00Z", "2026-11-21"),
        ("choice", " prata ", "Prata"),
        ("yes_no", "Não", False),
        ("yes_no", "SIM", True),
        ("yes_no", True, True),
        ("number", "  ", None),
        ("date", None, None),
    ],
)
def test_what_is_written_is_kept_in_one_form(kind: str, written: Any, kept: Any) -> None:
    found = field_kinds.read(of(kind, "Ouro", "Prata") if kind == "choice" else of(kind), written)
    assert (found, type(found)) == (kept, type(kept))
    assert field_kinds.read(of(kind, "Ouro", "Prata"), found) == kept


@pytest.mark.parametrize(
    ("kind", "written", "code"),
    [
        ("number", "dez", "field_number"),
        ("number", "1.234", "field_ambiguous"),
        ("number", "1,234", "field_ambiguous"),
        ("number", "1.23.4", "field_number"),
        ("number", True, "field_number"),
        ("number", "1e400", "field_number"),
        ("number", float("inf"), "field_number"),
        ("number", "12345678901234567", "field_number"),
        ("number", "١٢٣.٤٥٦٧٨٩٠١٢٣٤٥٦", "field_number"),
        ("money", "10,5055", "field_money"),
        ("money", ["1"], "field_money"),
        ("date", "31/02/2026", "field_date"),
        ("date", "1/2/26", "field_date"),
        ("date", "0001-01-01", "field_date"),
        ("choice", "Bronze", "field_choice"),
        ("yes_no", "talvez", "field_yes_no"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(kind: str, written: Any, code: str) -> None:
    with pytest.raises(BadField) as caught:
        field_kinds.read(of(kind, "Ouro"), written)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("kind", "kept", "shown"),
    [
        ("number", 1234.5, "1.234,5"),
        ("money", "1234.50", "1.234,50"),
        ("date", "2026-11-21", "21/11/2026"),
        ("choice", "Bronze", "Bronze"),  # no choice any more
        ("yes_no", "talvez", "talvez"),  # from before the field had a kind
        ("text", None, ""),
    ],
)
def test_a_kept_value_is_read_as_people_write_it(kind: str, kept: Any, shown: str) -> None:
    with translation.override("pt-br"):
        assert field_kinds.show(of(kind, "Ouro"), kept) == shown
