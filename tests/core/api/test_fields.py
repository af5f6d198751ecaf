from __future__ import annotations

import pytest
from rest_framework.serializers import ValidationError

from core import ids
from core.api.fields import PublicIdField

FIELD = PublicIdField("con")


def test_it_shows_the_public_form_and_reads_it_back() -> None:
    key = ids.uuid7()
    assert FIELD.to_representation(key) == ids.encode("con", key)
    assert FIELD.to_internal_value(ids.encode("con", key)) == key


@pytest.mark.parametrize(
    "data",
    ["", "msg_0000000000000000000000", 42, None, ["con_"], "01a1fd48-5292-778c-b554-90d4b874e852"],
)
def test_anything_else_is_a_field_error(data: object) -> None:
    with pytest.raises(ValidationError) as raised:
        FIELD.to_internal_value(data)
    assert raised.value.get_codes() == ["invalid_id"]
