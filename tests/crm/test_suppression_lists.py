"""Lists of numbers to suppress: in by slices, with a reason for each refused row, and once."""

import io
from typing import Any

import pytest

from core import files
from core.errors import Invalid
from crm.imports import runner
from crm.models import Contact, Import, ImportRow, Suppression
from crm.services import suppression_lists, suppressions
from events.models import Event

pytestmark = pytest.mark.usefixtures("company")
ABOUT = {"channels": ["whatsapp"], "purpose": "marketing", "note": "Procon-SP"}


def imported(text: str, **fields: Any) -> Import:
    batch = suppression_lists.import_suppressions(
        file=io.BytesIO(text.encode()), filename="block.csv", **{**ABOUT, **fields}
    )
    runner.run(str(batch.pk))
    batch.refresh_from_db()
    return batch


def counts(batch: Import) -> tuple[str, int, int, int]:
    return batch.state, batch.created, batch.updated, batch.rejected


def test_numbers_of_a_file_go_onto_the_list_with_where_they_come_from() -> None:
    batch = imported("Nome;Telefone\nAna;(11) 98765-4321\nBia;+351912345678\nCaio;123\n")
    assert counts(batch) == ("done", 2, 0, 1)
    lines = Suppression.objects.order_by("masked").values_list(
        "masked", "channel", "purpose", "reason", "note"
    )
    assert list(lines) == [
        ("+351 •••••5678", "whatsapp", "marketing", "list", "Procon-SP"),
        ("+55 (11) •••••-4321", "whatsapp", "marketing", "list", "Procon-SP"),
    ]
    assert list(ImportRow.objects.values_list("number", "code", "contact")) == [
        (4, "phone_too_short", None)
    ]
    assert not Contact.objects.exists()


def test_the_same_list_again_changes_nothing() -> None:
    text = "telefone\n11987654321\n551187654321\n"
    assert counts(imported(text)) == ("done", 1, 1, 0)
    assert counts(imported(text)) == ("done", 0, 2, 0)
    assert Suppression.objects.count() == 1


def test_a_list_takes_over_what_was_added_by_hand_so_that_no_opt_in_lifts_it() -> None:
    suppressions.add_suppression(address="11987654321", channel="whatsapp", purpose="marketing")
    imported("telefone\n11987654321\n")
    line = Suppression.objects.get()
    assert (line.reason, line.note) == ("list", "Procon-SP")


def test_a_list_of_several_channels_counts_each_number_once() -> None:
    suppressions.add_suppression(address="11987654321", channel="sms", purpose="marketing")
    text = "telefone\n11987654321\n11987654322\n"
    assert counts(imported(text, channels=["whatsapp", "sms"])) == ("done", 2, 0, 0)
    assert counts(imported(text, channels=["whatsapp", "sms"])) == ("done", 0, 2, 0)
    assert Suppression.objects.count() == 4


def test_the_file_with_its_numbers_is_forgotten(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        batch = imported("telefone\n11987654321\n")
    with pytest.raises(FileNotFoundError):
        files.open(batch.file_key)
    assert Event.objects.get(type="import.completed").data["kind"] == "suppressions"


def test_numbers_may_be_pasted_with_any_separator() -> None:
    batch = suppression_lists.import_pasted(
        text="(11) 98765-4321, 11 98765-4322\n\n11 98765-4323;x", **ABOUT
    )
    runner.run(str(batch.pk))
    batch.refresh_from_db()
    assert counts(batch) == ("done", 3, 0, 1)


@pytest.mark.parametrize(
    ("text", "fields", "field"),
    [
        ("nome\nAna\n", {}, "file"),
        ("", {}, "file"),
        ("telefone\n11987654321\n", {"channels": ["fax"]}, "channel"),
        ("telefone\n11987654321\n", {"note": "x" * 121}, "note"),
    ],
)
def test_what_cannot_work_is_refused_at_once(text: str, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        imported(text, **fields)
    assert list(caught.value.errors) == [field]
    assert not Import.objects.exists()


def test_nothing_pasted_is_said() -> None:
    with pytest.raises(Invalid) as caught:
        suppression_lists.import_pasted(text=" \n,", **ABOUT)
    assert list(caught.value.errors) == ["numbers"]
