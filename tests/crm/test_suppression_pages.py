"""The suppression list, the words and the ledger on pages and in the API."""

import csv
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core import scope
from crm.imports import runner
from crm.models import Import, KeywordPolicy, Suppression
from crm.public_ids import CONTACT
from crm.services import suppressions
from tenants.enums import Role
from tenants.models import Company
from tests.crm.factories import a_contact

NUMBER = "+5511987654321"
API = "/api/v1/suppressions/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def visitor(aurora: Company, client_for: Any) -> Client:
    client: Client = client_for(aurora)
    return client


@pytest.fixture
def api(aurora: Company, api_client: Any) -> Any:
    return api_client(aurora)


def url(path: str = "") -> str:
    return f"/c/aurora/contacts/suppressions/{path}"


def suppressed(aurora: Company, address: str = NUMBER, **fields: Any) -> Suppression:
    with scope.opened(aurora):
        suppressions.suppress(address=address, **{"channel": "whatsapp", **fields})
        return Suppression.objects.latest("created_at")


def lines(aurora: Company) -> list[str]:
    with scope.opened(aurora):
        return list(Suppression.objects.order_by("masked").values_list("masked", flat=True))


def test_a_number_is_added_and_found_by_its_whole_or_its_end(
    visitor: Client, aurora: Company
) -> None:
    channels = ["whatsapp", "sms"]
    form = {"address": "(11) 98765-4321", "channels": channels, "purpose": "", "note": "asked"}
    page = visitor.post(url("new/"), form, follow=True).content.decode()
    assert page.count("+55 (11) •••••-4321") == 2
    assert "98765" not in page
    for q, is_found in [("11987654321", True), ("4321", True), ("11987650000", False)]:
        rows = visitor.get(url(), {"q": q}, headers=HTMX).content.decode()
        assert ("•••••-4321" in rows) is is_found
    assert visitor.post(url("new/"), {**form, "address": "12"}).status_code == 422


def test_what_people_put_there_is_taken_off_with_a_reason(visitor: Client, aurora: Company) -> None:
    line = suppressed(aurora)
    theirs = suppressed(aurora, "+5511987650000", reason="opt_out")
    page = visitor.get(url()).content.decode()
    assert url(f"{line.pk}/remove/") in page
    assert url(f"{theirs.pk}/remove/") not in page
    assert visitor.post(url(f"{line.pk}/remove/"), {"why": ""}).status_code == 422
    refused = visitor.post(url(f"{theirs.pk}/remove/"), {"why": "We want to"})
    assert refused.status_code == 422
    assert visitor.post(url(f"{line.pk}/remove/"), {"why": "A mistake"}).status_code == 302
    assert lines(aurora) == ["+55 (11) •••••-0000"]


def test_a_list_comes_by_file_or_pasted(visitor: Client, aurora: Company) -> None:
    about = {"channels": ["whatsapp"], "purpose": "marketing", "note": "Procon-SP"}
    file = SimpleUploadedFile("block.csv", b"telefone\n11987654321\n")
    for form in ({**about, "file": file}, {**about, "numbers": "11987650000"}):
        answer = visitor.post(url("import/"), form)
        assert answer.status_code == 302
        assert "Added to the list" in visitor.get(answer.url).content.decode()
    with scope.opened(aurora), scope.surroundings(aurora):
        for batch in Import.objects.all():
            runner.run(str(batch.pk))
    assert lines(aurora) == ["+55 (11) •••••-0000", "+55 (11) •••••-4321"]
    assert "block.csv" not in visitor.get("/c/aurora/contacts/imports/").content.decode()
    assert visitor.post(url("import/"), about).status_code == 422


def test_the_export_has_masks_alone(visitor: Client, aurora: Company) -> None:
    suppressed(aurora, reason="opt_out", purpose="marketing")
    text = visitor.get(url("export.csv")).content.decode("utf-8-sig")
    [title, row] = list(csv.reader(io.StringIO(text)))
    assert row[:5] == ["'+55 (11) •••••-4321", "WhatsApp", "Marketing", "Asked for it", ""]
    assert len(title) == len(row)


def test_a_company_sets_its_words_and_answers(visitor: Client, aurora: Company) -> None:
    page = visitor.get(url("words/")).content.decode()
    assert "descadastrar" in page
    form = {"stop_words": "chega, basta", "confirms": "on", "stop_text": "Combinado!"}
    assert visitor.post(url("words/"), form).status_code == 302
    with scope.opened(aurora):
        stored = KeywordPolicy.objects.get()
    assert (stored.stop_words, stored.confirms, stored.version) == (["chega", "basta"], True, 2)
    assert visitor.post(url("words/"), {"start_words": "parar"}).status_code == 422


def test_agents_do_not_see_the_list(aurora: Company, client_for: Any) -> None:
    assert client_for(aurora, Role.AGENT).get(url()).status_code == 403


def test_the_contact_shows_its_ledger_and_its_blocks(visitor: Client, aurora: Company) -> None:
    with scope.opened(aurora):
        contact = a_contact(phone=NUMBER)
    suppressed(aurora, reason="list", purpose="")
    visitor.post(
        f"/c/aurora/contacts/{contact.pk}/consent/",
        {
            "action": "opt_in", "channel": "sms", "source": "site form",
            "text": "I want offers.", "text_version": "2026-03",
        },
    )  # fmt: skip
    page = visitor.get(f"/c/aurora/contacts/{contact.pk}/").content.decode()
    for text in ("site form", "edition 2026-03", "I want offers.", "Imported list"):
        assert text in page


def test_programs_suppress_look_up_and_remove(api: Any) -> None:
    body = {"address": "(11) 98765-4321", "channel": "WhatsApp", "note": "from the shop"}
    made = api.post(API, body, format="json")
    again = api.post(API, body, format="json")
    assert (made.status_code, again.status_code) == (201, 200)
    assert made.json() == again.json()
    assert made.json()["masked"] == "+55 (11) •••••-4321"
    found = api.get(API, {"address": "551187654321"}).json()["results"]
    assert [row["id"] for row in found] == [made.json()["id"]]
    assert api.get(API, {"address": "+5511900000000"}).json()["results"] == []
    address = f"{API}{made.json()['id']}/"
    assert api.get(address).json() == made.json()
    assert api.delete(address).status_code == 204
    assert api.get(address).status_code == 404
    assert api.post(API, {"address": "12"}, format="json").status_code == 422


def test_what_the_person_said_is_not_removed_by_programs(api: Any, aurora: Company) -> None:
    suppressed(aurora, reason="opt_out")
    [row] = api.get(API).json()["results"]
    answer = api.delete(f"{API}{row['id']}/")
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("suppression_stays")


def test_programs_suppress_many(api: Any) -> None:
    body = {"addresses": ["11987654321", "12", "+5511987654321"], "purpose": "marketing"}
    answer = api.post(f"{API}bulk/", body, format="json").json()
    assert (answer["added"], answer["known"]) == (1, 1)
    assert [(row["index"], row["code"]) for row in answer["rejected"]] == [(1, "phone_too_short")]


def test_programs_import_a_list(api: Any, aurora: Company) -> None:
    file = SimpleUploadedFile("block.csv", b"telefone\n11987654321\n")
    answer = api.post(f"{API}import/", {"file": file, "note": "Procon-SP"}, format="multipart")
    assert (answer.status_code, answer.json()["kind"]) == (202, "suppressions")
    with scope.opened(aurora), scope.surroundings(aurora):
        runner.run(str(Import.objects.get().pk))
    shown = api.get(f"/api/v1/imports/{answer.json()['id']}/").json()
    assert (shown["state"], shown["created"]) == ("done", 1)


def test_programs_write_the_ledger(api: Any, aurora: Company) -> None:
    with scope.opened(aurora):
        contact = a_contact(phone=NUMBER)
    address = f"/api/v1/contacts/{CONTACT.encode(contact.pk)}/consents/"
    body = {
        "action": "opt_in", "source": "site form", "at": "2026-11-02T14:03:00-03:00",
        "text": "I want offers.", "text_version": "2026-03",
    }  # fmt: skip
    made = api.post(address, body, format="json")
    assert made.status_code == 201
    assert api.get(f"/api/v1/contacts/{CONTACT.encode(contact.pk)}/").json()["opted_in"] is True
    api.post(address, {"action": "opt_out", "source": "call"}, format="json")
    listed = api.get(address).json()["results"]
    assert [row["action"] for row in listed] == ["opt_out", "opt_in"]
    assert (listed[1]["text"], listed[1]["text_version"]) == ("I want offers.", "2026-03")
    assert [row["reason"] for row in api.get(API).json()["results"]] == ["opt_out"]
    assert api.post(address, {"action": "maybe"}, format="json").status_code == 422
