"""C8: each case of JSONTestSuite goes to a source: taken, kept byte for byte, read if it can be."""

import json
from typing import Any

import pytest

from tenants.models import Company
from tests import json_suite
from tests.sources import posting
from webhooks.ingress import addresses
from webhooks.sources.enums import ReceivedState
from webhooks.sources.models import Received, Source

# Valid JSON that is no data for us: PostgreSQL holds no NUL, and `null` says nothing.
VALID_WITHOUT_DATA = {
    "y_object_escaped_null_in_key": "bad_character",
    "y_string_null_escape": "bad_character",
    "y_structure_lonely_null": "empty",
}
# Where the standard leaves it open these are read; all others have a reason.
OPEN_WITH_DATA = {
    "i_number_double_huge_neg_exp",
    "i_number_real_underflow",
    "i_number_too_big_neg_int",
    "i_number_too_big_pos_int",
    "i_number_very_big_negative_int",
    "i_structure_UTF-8_BOM_empty_object",
}


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    addresses._remembered.clear()


def test_c8_a_source_takes_every_case_and_reads_what_can_be_read(
    company: Company, source: Source
) -> None:
    cases = json_suite.ALL
    assert len(cases) == 318
    assert {posting.post(source, body).status_code for body in cases.values()} == {200}
    posting.work(company)

    kept = {bytes(row.raw): row for row in Received.objects.all()}
    assert set(kept) == set(cases.values())
    assert {row.state for row in kept.values()} <= {ReceivedState.PROCESSED, ReceivedState.IGNORED}

    read = {name: kept[body].data for name, body in cases.items() if not kept[body].unreadable}
    reasons = {name: kept[body].unreadable for name, body in cases.items() if name not in read}
    assert {name: why for name, why in reasons.items() if name[0] == "y"} == VALID_WITHOUT_DATA
    assert {name for name in read if name[0] == "n"} == set()
    assert {name for name in read if name[0] == "i"} == OPEN_WITH_DATA
    assert values(read) == values({name: said(cases[name]) for name in read})
    assert {name for name in reasons if kept[cases[name]].data is not None} == set()


def said(body: bytes) -> Any:
    return json.loads(body.decode("utf-8-sig"))


def values(data: Any) -> Any:
    """PostgreSQL writes 123e45 out: the same number, but an integer to Python."""
    return json.loads(json.dumps(data), parse_int=float)
