"""Recipients as a file: asked for, made, fetched within its day, and no cell a formula."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from django.utils import timezone

from campaigns.models import Campaign, Export
from campaigns.services import exports
from core import files
from core.errors import Conflict, Invalid, NotFound
from crm.enums import ExportState
from crm.models import Contact
from messaging.enums import DispatchState
from messaging.models import Message
from team.models import Notification
from team.selectors import members_with
from tenants.models import Company, Person
from tests.campaigns.factories import a_campaign
from tests.campaigns.test_lifecycle import contacts, run

PAYLOADS = ["=1+1", "+1+1", "-1", "@SUM(A1)", "\tx", "＝1", 'a "quoted", name; x', "ção", "a\x0bb"]  # noqa: RUF001


@pytest.fixture
def campaign(company: Company) -> Campaign:
    """Three recipients, one of them failed."""
    contacts(3)
    campaign = run(a_campaign(name="Natal & Ano Novo"))
    one = Message.objects.order_by("pk")[0]
    Message.objects.filter(pk=one.pk).update(dispatch=DispatchState.REJECTED, code="131026")
    return campaign


def made(campaign: Campaign, kind: str = "csv", **filters: str) -> Export:
    export = exports.request(campaign=campaign, format=kind, filters=filters, by=None)
    exports.handle(export.pk)
    export.refresh_from_db()
    return export


def rows_of(export: Export) -> list[list[str]]:
    with files.open(export.file_key) as stored:
        text = stored.read().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_a_csv_has_a_line_for_each_recipient(campaign: Campaign) -> None:
    export = made(campaign)
    lines = rows_of(export)
    assert (export.state, export.rows, len(lines)) == (ExportState.DONE, 3, 4)
    assert len({len(line) for line in lines}) == 1
    assert export.filename.startswith("natal-ano-novo-")
    failed = next(line for line in lines if "131026" in line)
    assert failed[3] == "Failed"


def test_filters_narrow_it(campaign: Campaign) -> None:
    assert [line[4] for line in rows_of(made(campaign, state="failed"))[1:]] == ["131026"]
    assert made(campaign, code="131026").rows == 1
    assert made(campaign, variant="B").rows == 0


def test_an_xlsx_holds_the_same(campaign: Campaign) -> None:
    export = made(campaign, "xlsx")
    with files.open(export.file_key) as stored:
        sheet = openpyxl.load_workbook(io.BytesIO(stored.read())).active
    found = list(sheet.iter_rows(values_only=True))
    assert len(found) == 4
    assert {row[0] for row in found[1:]} == {line[0] for line in rows_of(made(campaign))[1:]}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_cell_is_a_formula(campaign: Campaign, kind: str) -> None:
    people = Contact.objects.order_by("pk")
    for payload in PAYLOADS:
        Contact.objects.filter(pk=people[0].pk).update(name=payload)
        export = made(campaign, kind)
        if kind == "csv":
            cells = [cell for line in rows_of(export) for cell in line]
            assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
            continue
        with files.open(export.file_key) as stored:
            book = openpyxl.load_workbook(io.BytesIO(stored.read()))
        assert "f" not in {cell.data_type for row in book.active.iter_rows() for cell in row}


def test_whoever_asked_is_told(campaign: Campaign, owner: Person) -> None:
    member = members_with("campaigns.manage")[0]
    export = exports.request(campaign=campaign, format="csv", filters={}, by=member)
    exports.handle(export.pk)
    told = Notification.objects.get(member=member)
    assert (told.code, told.data) == ("export.ready", {"name": "Natal & Ano Novo"})
    assert str(export.pk) in told.url


def test_two_workers_make_one_file(campaign: Campaign) -> None:
    export = exports.request(campaign=campaign, format="csv", filters={}, by=None)
    Export.objects.update(claimed_until=timezone.now() + timedelta(minutes=1))
    exports.handle(export.pk)
    export.refresh_from_db()
    assert export.state == ExportState.PENDING
    Export.objects.update(claimed_until=timezone.now())  # whoever had it died
    exports.handle(export.pk)
    export.refresh_from_db()
    assert export.state == ExportState.DONE


def test_it_is_fetched_when_it_is_there_and_only_for_a_day(campaign: Campaign) -> None:
    export = exports.request(campaign=campaign, format="csv", filters={}, by=None)
    with pytest.raises(Conflict):
        exports.opened(export_id=export.pk)
    exports.handle(export.pk)
    assert exports.opened(export_id=export.pk).size > 0
    Export.objects.update(expires_at=timezone.now())
    with pytest.raises(NotFound):
        exports.opened(export_id=export.pk)


def test_when_its_day_is_over_the_file_is_gone(campaign: Campaign) -> None:
    export = made(campaign)
    [(key, due_at)] = exports.due(None)
    assert (key, due_at) == (str(export.pk), export.expires_at)
    Export.objects.update(expires_at=timezone.now())
    exports.handle(export.pk)
    assert not Export.objects.exists()
    with pytest.raises(FileNotFoundError):
        files.open(export.file_key)


@pytest.mark.parametrize(
    ("kind", "filters"), [("pdf", {}), ("csv", {"state": "lost"}), ("csv", {"age": "9"})]
)
def test_what_cannot_be_made_is_refused(
    campaign: Campaign, kind: str, filters: dict[str, str]
) -> None:
    with pytest.raises(Invalid):
        exports.request(campaign=campaign, format=kind, filters=filters, by=None)


def test_a_file_that_cannot_be_made_says_so(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(export: Export) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(exports, "write", broken)
    export = made(campaign)
    assert export.state == ExportState.FAILED
    with pytest.raises(Conflict):
        exports.opened(export_id=export.pk)
