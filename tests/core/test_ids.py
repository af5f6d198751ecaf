from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import ids
from core.errors import InvalidId

CONTACT = ids.PublicId("con")


@given(st.uuids())
def test_every_uuid_survives_the_round_trip(value: uuid.UUID) -> None:
    assert CONTACT.decode(CONTACT.encode(value)) == value


def test_public_ids_have_one_width_even_for_the_smallest_and_the_largest() -> None:
    assert ids.encode("con", uuid.UUID(int=0)) == "con_" + "0" * 22
    assert ids.encode("con", uuid.UUID(int=2**128 - 1)) == "con_7n42DGM5Tflk9n8mt7Fhc7"


@given(st.lists(st.uuids(), min_size=2))
def test_public_ids_sort_as_their_uuids_do(values: list[uuid.UUID]) -> None:
    encoded = [ids.encode("msg", value) for value in sorted(values)]
    assert encoded == sorted(encoded)


def test_uuid7_is_version_7_of_the_standard_type_and_grows_with_time() -> None:
    made = [ids.uuid7() for _ in range(100)]
    assert {type(value) for value in made} == {uuid.UUID}
    assert {value.version for value in made} == {7}
    assert made == sorted(made)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "con",
        "con_",
        "msg_0000000000000000000000",
        "con_000000000000000000000",
        "con_00000000000000000000000",
        "con_000000000000000000000-",
        "con_000000000000000000000é",
        "con_zzzzzzzzzzzzzzzzzzzzzz",
        "CON_0000000000000000000000",
        "42",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidId):
        CONTACT.decode(text)


def test_a_parameter_is_an_id_or_nothing() -> None:
    spelled = uuid.UUID(int=7)
    assert [ids.uuid_of(text) for text in (str(spelled), "", None, "7", "con_7")] == [
        spelled, None, None, None, None,
    ]  # fmt: skip
    assert ids.uuids_of(["no", str(spelled), ""]) == [spelled]


def test_before_the_first_moment_of_uuid7_there_is_the_smallest() -> None:
    assert ids.first_uuid7(datetime(1900, 1, 1, tzinfo=UTC)) == uuid.UUID(int=0)
