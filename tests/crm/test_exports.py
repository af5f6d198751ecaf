"""Contacts as files: filtered as the list was, made once, fetched by rights within a day."""

import csv
import gc
import io
import json
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core import files, ids, scope
from core.errors import Conflict, Invalid, NotFound
from core.ids import uuid7
from core.models import AgendaRow
from crm.enums import ExportState
from crm.exports import reading
from crm.listing.filters import Filters
from crm.models import ContactExport, Tag
from crm.services import exports
from crm.services.consents import opt_in
from crm.services.lists import add_contacts, create_list
from crm.services.tags import create_tag
from events.models import Event
from team.models import Notification
from team.selectors import members_with
from tenants.links import company_path
from tenants.models import Company
from tests.crm.factories import a_contact


def made(**wanted: Any) -> ContactExport:
    export = exports.request_export(**{"format": "csv", **wanted})
    exports.handle(str(export.pk))
    export.refresh_from_db()
    return export


def content_of(export: ContactExport) -> str:
    with files.open(export.file_key) as stored:
        return str(stored.read().decode("utf-8-sig"))


def rows_of(export: ContactExport) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content_of(export), newline="")))


@contextmanager
def collected_often() -> Iterator[None]:
    """The tests collect garbage seldom; here it would count as memory that is needed."""
    threshold = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    try:
        yield
    finally:
        gc.set_threshold(*threshold)


@pytest.mark.usefixtures("company")
class TestFile:
    def test_it_holds_the_chosen_columns_in_the_order_chosen(self) -> None:
        a_contact("Ana", phone="11987654321", tags=["VIP"], attributes={"cidade": "Recife"})
        export = made(columns=["phone", "name", "attribute:cidade", "tags"])
        assert (export.state, export.rows) == (ExportState.DONE, 1)
        assert rows_of(export) == [
            ["Phone", "Name", "cidade", "Tags"],
            ["'+5511987654321", "Ana", "Recife", "VIP"],
        ]

    def test_without_a_choice_it_holds_everything(self) -> None:
        ana = a_contact("Ana", email="ana@x.com", attributes={"cidade": "Recife"})
        opt_in(contact=ana, source="site")
        header, row = rows_of(made())
        assert (
            dict(zip(header, row, strict=True)).items()
            >= {
                "Name": "Ana",
                "E-mail": "ana@x.com",
                "cidade": "Recife",
                "Agreed to marketing": "true",
            }.items()
        )

    def test_json_lines_are_objects_by_key(self) -> None:
        a_contact("Ana", attributes={"idade": 33})
        export = made(format="jsonl", columns=["name", "opted_in", "attribute:idade"])
        assert json.loads(content_of(export)) == {
            "name": "Ana", "opted_in": None, "attribute:idade": 33,
        }  # fmt: skip

    def test_it_holds_whom_the_list_shows_and_nobody_else(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(reading, "PAGE", 2)
        people = [a_contact(f"Ana {at}", tags=["VIP"]) for at in range(5)]
        a_contact("Ana without")
        a_contact("Bia", tags=["VIP"])
        chosen = create_list(name="Feira")
        add_contacts(contact_list=chosen, contact_ids=[one.pk for one in people[:3]])
        tags = tuple(Tag.objects.all())
        found = Filters(q="ana", tags=tags)
        names = [row[0] for row in rows_of(made(query=found.query(), columns=["name"]))[1:]]
        assert names == [f"Ana {at}" for at in range(5)]
        assert made(query=Filters(q="ana", tags=tags, on_list=chosen).query()).rows == 3
        assert made().rows == 7

    def test_what_it_was_filtered_by_must_still_be_there(self) -> None:
        """Else everybody would be in the file."""
        a_contact("Ana")
        tag = create_tag(name="VIP")
        query = Filters(tags=(tag,)).query()
        export = exports.request_export(format="csv", query=query)
        tag.delete()
        exports.handle(str(export.pk))
        export.refresh_from_db()
        assert (export.state, export.file_key) == (ExportState.FAILED, "")
        with pytest.raises(Invalid):
            exports.request_export(format="csv", query=query)

    def test_the_memory_it_needs_does_not_grow_with_the_rows(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(reading, "PAGE", 10)
        monkeypatch.setattr(files, "IN_MEMORY_BYTES", 1024)
        for _ in range(60):
            a_contact("Ana " * 40)
        made()
        peaks = []
        for limit in (20, 60):
            real = reading._pages
            monkeypatch.setattr(
                reading,
                "_pages",
                lambda filters, real=real, limit=limit: (
                    page for page, _ in zip(real(filters), range(limit // 10), strict=False)
                ),
            )
            tracemalloc.start()
            with collected_often():
                made()
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
            monkeypatch.setattr(reading, "_pages", real)
        assert peaks[1] < peaks[0] * 1.5


@pytest.mark.usefixtures("company")
class TestLife:
    @pytest.mark.parametrize(
        ("wanted", "field"),
        [({"format": "pdf"}, "format"), ({"columns": ["password"]}, "columns")],
    )
    def test_what_cannot_be_made_is_refused(self, wanted: dict[str, Any], field: str) -> None:
        with pytest.raises(Invalid) as caught:
            exports.request_export(**{"format": "csv", **wanted})
        assert list(caught.value.errors) == [field]
        assert not ContactExport.objects.exists()

    def test_that_it_was_asked_for_is_a_fact(self) -> None:
        export = made(columns=["name"])
        fact = Event.objects.get(type="contacts.exported")
        assert (fact.data["export"], fact.data["columns"]) == (str(export.pk), ["name"])

    def test_two_workers_make_one_file_and_a_dead_one_is_followed(self) -> None:
        export = exports.request_export(format="csv")
        later = timezone.now() + timedelta(minutes=1)
        ContactExport.objects.update(claimed_until=later)
        exports.handle(str(export.pk))
        export.refresh_from_db()
        assert export.state == ExportState.PENDING
        assert exports.due(None) == [(str(export.pk), later)]
        ContactExport.objects.update(claimed_until=timezone.now())
        exports.handle(str(export.pk))
        export.refresh_from_db()
        assert export.state == ExportState.DONE

    def test_it_is_fetched_when_it_is_there_and_gone_after_its_day(self) -> None:
        export = exports.request_export(format="csv")
        with pytest.raises(Conflict):
            exports.opened(export_id=export.pk)
        exports.handle(str(export.pk))
        assert exports.opened(export_id=export.pk).size > 0
        export.refresh_from_db()
        assert exports.due(None) == [(str(export.pk), export.expires_at)]
        row = AgendaRow.objects.get(kind=exports.KIND, due_at=export.expires_at)
        assert row.key == str(export.pk)
        ContactExport.objects.update(expires_at=timezone.now())
        with pytest.raises(NotFound):
            exports.opened(export_id=export.pk)
        exports.handle(str(export.pk))
        assert not ContactExport.objects.exists()
        with pytest.raises(FileNotFoundError):
            files.open(export.file_key)

    def test_a_file_that_cannot_be_made_says_so(self, monkeypatch: Any) -> None:
        def broken(*args: object) -> None:
            raise OSError("disk full")

        monkeypatch.setattr(exports, "write", broken)
        export = made()
        assert export.state == ExportState.FAILED
        with pytest.raises(Conflict):
            exports.opened(export_id=export.pk)


def url(tail: str = "exports/") -> str:
    return f"/c/aurora/contacts/{tail}"


def test_a_member_asks_for_a_file_is_told_and_fetches_it(
    aurora: Company, client_for: Callable[..., Client]
) -> None:
    client = client_for(aurora)
    with scope.opened(aurora), scope.surroundings(aurora):
        a_contact("Ana", tags=["VIP"])
        a_contact("Bia")
        tag = Tag.objects.get()
    address = f"{url('exports/new/')}?tag={tag.pk}"
    assert 'value="attribute:' not in client.get(address).content.decode()
    form = {"format": "csv", "columns": ["name", "phone"]}
    assert client.post(address, form)["Location"] == url()
    assert client.post(address, {"format": "csv"}).status_code == 422
    with scope.opened(aurora), scope.surroundings(aurora):
        export = ContactExport.objects.get()
        exports.handle(str(export.pk))
        member = members_with("contacts.export")[0]
        told = Notification.objects.get(member=member)
        assert (told.code, told.data, told.url) == (
            "contacts_export.ready", {"rows": 1}, company_path(aurora, "contacts-exports"),
        )  # fmt: skip
    assert url(f"exports/{export.pk}/") in client.get(url()).content.decode()
    answer = client.get(url(f"exports/{export.pk}/"))
    assert answer["Content-Disposition"].startswith("attachment")
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert [line.split(",")[0] for line in content.splitlines()] == ["Name", "Ana"]


def test_the_api_makes_a_file_of_filtered_contacts(aurora: Company, api_client: Any) -> None:
    api = api_client(aurora, "contacts.export")
    with scope.opened(aurora), scope.surroundings(aurora):
        a_contact("Ana", tags=["VIP"])
        a_contact("Bia")
    address = "/api/v1/contacts/exports/"
    wanted = {"format": "jsonl", "columns": ["name"], "tags": ["vip"]}
    asked = api.post(address, wanted, format="json")
    assert (asked.status_code, asked.json()["url"]) == (202, None)
    one = f"{address}{asked.json()['id']}/"
    assert api.get(f"{one}file/").status_code == 409
    with scope.opened(aurora), scope.surroundings(aurora):
        exports.handle(str(ids.decode("cex", asked.json()["id"])))
    done = api.get(one).json()
    assert (done["state"], done["rows"], done["url"]) == ("done", 1, f"{one}file/")
    assert b"".join(api.get(done["url"]).streaming_content) == b'{"name": "Ana"}\n'
    assert len(api.get(address).json()["results"]) == 1
    wrong = api.post(address, {"segment": ids.encode("seg", uuid7())}, format="json")
    assert [error["field"] for error in wrong.json()["errors"]] == ["segment"]
    assert api_client(aurora, "contacts.view").get(one).status_code == 403
