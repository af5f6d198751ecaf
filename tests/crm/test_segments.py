"""Saved audiences: one name each, never within themselves, kept while something needs them."""

from typing import Any

import pytest

from core.errors import Conflict, Invalid
from crm import audiences, registry
from crm.models import Segment
from crm.services import segments
from tests.crm.factories import a_contact

pytestmark = pytest.mark.usefixtures("company")

VIP = {"kind": "tag", "op": "any_of", "value": ["VIP"]}


def within(*chosen: Segment) -> dict[str, Any]:
    return {
        "include": [{"kind": "segment", "op": "any_of", "value": [str(one.pk) for one in chosen]}]
    }


def test_who_fits_is_found_anew_each_time() -> None:
    ana = a_contact(name="Ana", tags=["VIP"])
    segment = segments.create_segment(name="  Our   VIPs ", audience={"include": [VIP]})
    assert (segment.name, audiences.count(segment.audience)) == ("Our VIPs", 1)
    a_contact(name="Bia", tags=["VIP"])
    assert audiences.count({"segment": str(segment.pk)}) == 2
    assert ana in audiences.select(segment.audience)


@pytest.mark.parametrize(
    ("name", "field"), [("", "name"), ("x" * 81, "name"), ("ok", "audience.include.0")]
)
def test_what_does_not_fit_is_said_beside_its_field(name: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        segments.create_segment(name=name, audience={"include": [{"kind": "name", "op": "is"}]})
    assert list(caught.value.errors) == [field]


def test_a_name_is_taken_once() -> None:
    segments.create_segment(name="VIP", audience={"all": True})
    other = segments.create_segment(name="Others", audience={"all": True})
    for change in (
        lambda: segments.create_segment(name="VIP", audience={"all": True}),
        lambda: segments.update_segment(segment=other, name="VIP"),
    ):
        with pytest.raises(Conflict) as caught:
            change()
        assert caught.value.code == "segment_exists"


def test_an_audience_never_contains_itself_however_far_around() -> None:
    inner = segments.create_segment(name="inner", audience={"all": True})
    outer = segments.create_segment(name="outer", audience=within(inner))
    outermost = segments.create_segment(name="outermost", audience=within(outer))
    with pytest.raises(Invalid) as caught:
        segments.update_segment(segment=inner, audience=within(outermost))
    assert caught.value.errors["audience"][0].code == "audience_loop"
    inner.refresh_from_db()
    assert inner.audience == {"all": True}


def test_only_so_many_stand_within_each_other_as_are_read() -> None:
    a_contact()
    segment = segments.create_segment(name="0", audience={"all": True})
    for depth in range(1, 5):
        segment = segments.create_segment(name=str(depth), audience=within(segment))
    assert audiences.count({"segment": str(segment.pk)}) == 1
    with pytest.raises(Invalid) as caught:
        segments.create_segment(name="5", audience=within(segment))
    assert caught.value.errors["audience"][0].code == "audience_too_deep"


def test_what_is_used_is_not_deleted() -> None:
    inner = segments.create_segment(name="inner", audience={"all": True})
    outer = segments.create_segment(name="outer", audience={"segment": str(inner.pk)})
    assert [str(use.label) for use in registry.uses_of(inner.pk)] == ["outer"]
    with pytest.raises(Conflict) as caught:
        segments.delete_segment(segment=inner)
    assert (caught.value.code, "outer" in caught.value.text) == ("segment_in_use", True)
    segments.delete_segment(segment=outer)
    segments.delete_segment(segment=inner)
    assert not Segment.objects.exists()
