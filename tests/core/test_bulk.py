"""Many rows in one statement: any text survives, conflicts are passed over, defaults apply."""

import pytest

from core.bulk import array, insert_ignoring
from core.ids import uuid7
from crm.models import Tag
from tenants.models import Company


def tags(*names: str) -> set[object]:
    return insert_ignoring(
        Tag, {"id": [uuid7() for _ in names], "name": names, "key": names}, {"color": "red"}
    )


@pytest.mark.parametrize(
    "name", ['with "quotes"', r"back\slash", "{brace, comma}", "NULL", "linha\nnova", "💚 ção"]
)
def test_any_text_arrives_as_it_is(company: Company, name: str) -> None:
    tags("plain", name)
    assert set(Tag.objects.values_list("name", flat=True)) == {"plain", name}


def test_what_exists_already_is_passed_over(company: Company) -> None:
    first = tags("one", "two")
    second = tags("two", "three")
    assert (len(first), len(second)) == (2, 1)
    assert Tag.objects.count() == 3


def test_what_nobody_names_gets_its_default_or_the_shared_value(company: Company) -> None:
    tags("one", "two")
    row = Tag.objects.first()
    assert row is not None
    assert (row.color, row.created_at is not None) == ("red", True)


def test_no_rows_are_no_statement(company: Company) -> None:
    assert insert_ignoring(Tag, {"id": [], "name": [], "key": []}) == set()


def test_the_literal_of_an_empty_array_is_empty() -> None:
    assert (array([]), array([None]), array(["a", 'b"'])) == ("{}", '{""}', '{"a","b\\""}')
