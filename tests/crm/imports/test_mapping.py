from typing import Any

import pytest

from core.errors import Invalid
from crm.imports.mapping import check, guess


@pytest.mark.parametrize(
    ("header", "targets"),
    [
        (["Nome", "Telefone", "E-mail"], ["name", "phone", "email"]),
        (["NOME COMPLETO", "Celular", "Cidade"], ["name", "phone", "attribute:cidade"]),
        (["name", "phone", "tags"], ["name", "phone", "tags"]),
        (["First Name", "Last Name", "Mobile Phone"], ["first_name", "last_name", "phone"]),
        (["Número do WhatsApp", "Código"], ["phone", "external_id"]),
        (
            ["Telefone", "Celular", "Data de Nascimento"],
            ["phone", "attribute:celular", "attribute:data_de_nascimento"],
        ),
        (["fone", "", "7"], ["phone", "", ""]),
        (["Fone", "Aceita mensagens"], ["phone", "consent"]),
        (["Fone", "Opt-in"], ["phone", "consent"]),
    ],
)
def test_titles_in_portuguese_and_english_are_understood(
    header: list[str], targets: list[str]
) -> None:
    assert list(guess(header, []).values()) == targets


def test_without_a_title_the_phone_column_is_found_by_its_numbers() -> None:
    sample = [["Ana", "x", "11987654321"], ["Bia", "y", "21 99999-0000"], ["Caio", "z", "?"]]
    assert guess(["1", "2", "3"], sample) == {"0": "", "1": "", "2": "phone"}


def test_a_column_of_consent_says_mostly_yes_or_no() -> None:
    sample = [["11987654321", "Sim"], ["11987654322", ""], ["11987654323", "NÃO"]]
    assert guess(["Fone", "Consentimento"], sample)["1"] == "consent"
    sample[0][1] = sample[1][1] = "21/11/2026"
    assert guess(["Fone", "Consentimento"], sample)["1"] == "attribute:consentimento"


def test_a_mapping_goes_by_index_or_by_title() -> None:
    header = ["Nome", "Fone", "Cidade"]
    by_title = check({"Nome": "name", "Fone": "phone", "Cidade": "attribute:cidade"}, header)
    assert by_title == {"0": "name", "1": "phone", "2": "attribute:cidade"}
    assert check(by_title, header) == by_title
    assert check({"1": "phone", "2": None}, header) == {"0": "", "1": "phone", "2": ""}


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        (["name"], "mapping_form"),
        ({}, "mapping_no_phone"),
        ({"Nome": "name"}, "mapping_no_phone"),
        ({"Zip": "phone"}, "mapping_column"),
        ({"Nome": "phone", "Fone": "phone"}, "mapping_twice"),
        ({"Nome": "attribute:a", "Fone": "phone", "X": "attribute:a"}, "mapping_twice"),
        ({"Fone": "phon"}, "mapping_target"),
        ({"Fone": "phone", "Nome": "attribute:"}, "mapping_target"),
        ({"Fone": "phone", "Nome": {"a": 1}}, "mapping_target"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(mapping: Any, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        check(mapping, ["Nome", "Fone", "X"])
    assert caught.value.errors["mapping"][0].code == code
