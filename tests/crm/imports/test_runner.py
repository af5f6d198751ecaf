import csv
import io
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from core import files, scope
from core.agenda import kinds
from core.errors import Conflict
from core.models import AgendaRow
from crm.enums import ConsentAction, ImportState
from crm.imports import report, runner
from crm.models import Consent, Contact, Identity, Import, ImportRow
from crm.selectors import consent_state, suppressed
from crm.services.consents import opt_in, opt_out
from crm.services.contacts import delete_contact
from crm.services.imports import create_import, start_import
from events.models import Event
from team.models import Member, Notification
from tenants.models import Company
from tests.crm.factories import a_contact

HEADER = "Nome;Telefone;E-mail;Etiquetas;Cidade\n"


def started(content: str | bytes, **options: Any) -> Import:
    raw = content.encode() if isinstance(content, str) else content
    batch = create_import(file=ContentFile(raw), filename="clientes.csv")
    return start_import(batch=batch, **options)


def run(content: str | bytes, **options: Any) -> Import:
    batch = started(content, **options)
    while batch.state in runner.OPEN_STATES:
        runner.run(str(batch.pk))
        batch.refresh_from_db()
    return batch


def counts(batch: Import) -> tuple[str, int, int, int, int]:
    return (batch.state, batch.total, batch.created, batch.updated, batch.rejected)


@pytest.mark.usefixtures("company")
class TestImport:
    def test_contacts_come_in_with_everything_the_file_says(self) -> None:
        batch = run(
            HEADER + "Ana Souza;(11) 98765-4321;ANA@x.com;VIP, Recife;Recife\n",
            tags=["Feira"],
            opt_in_source="site form",
        )
        assert counts(batch) == ("done", 1, 1, 0, 0)
        contact = Contact.objects.get()
        assert (contact.name, contact.attributes) == ("Ana Souza", {"cidade": "Recife"})
        assert sorted(contact.tags.values_list("name", flat=True)) == ["Feira", "Recife", "VIP"]
        assert sorted(contact.identities.values_list("value", flat=True)) == [
            "+551187654321",
            "+5511987654321",
            "ana@x.com",
        ]
        assert contact.created_by_import == batch
        for channel in ("whatsapp", "sms"):
            assert consent_state([contact.pk], channel, "marketing") == {contact.pk: True}

    def test_refused_rows_keep_their_reason_and_content(self) -> None:
        batch = run(HEADER + "Ana;123;;;\nBia;;;;\nCaio;11987654321;caio@;;\nDuda;11987654322\n")
        assert counts(batch) == ("done", 4, 1, 0, 3)
        refused = ImportRow.objects.exclude(code="").order_by("number")
        assert list(refused.values_list("number", "code")) == [
            (2, "phone_too_short"),
            (3, "phone_missing"),
            (4, "email_invalid"),
        ]
        assert refused[0].raw == ["Ana", "123", "", "", ""]

    def test_a_number_that_occurs_twice_counts_once_even_far_apart(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(runner, "CHUNK_ROWS", 2)
        batch = run(
            HEADER
            + "Ana;11987654321;;;\nAna 2;1187654321;;;\n"
            + "Bia;11987654322;;;\nAna 3;+5511987654321;;;\n"
        )
        assert counts(batch) == ("done", 4, 2, 0, 2)
        assert set(Contact.objects.values_list("name", flat=True)) == {"Ana", "Bia"}
        codes = ImportRow.objects.order_by("number").values_list("number", "code")
        assert list(codes) == [(2, ""), (3, "duplicate_in_file"), (4, ""), (5, "duplicate_in_file")]

    def test_a_known_contact_is_updated_and_what_the_file_leaves_empty_stays(self) -> None:
        ana = a_contact(
            name="Ana",
            phone="11987654321",
            email="ana@x.com",
            attributes={"uf": "PE"},
            tags=["VIP"],
        )
        batch = run(HEADER + "Ana Souza;1187654321;;Novo;Olinda\n")
        assert counts(batch) == ("done", 1, 0, 1, 0)
        ana.refresh_from_db()
        assert (ana.name, ana.attributes) == ("Ana Souza", {"uf": "PE", "cidade": "Olinda"})
        assert sorted(ana.tags.values_list("name", flat=True)) == ["Novo", "VIP"]
        assert Identity.objects.filter(kind="email").count() == 1
        assert [c.pk for c in Contact.objects.all()] == [ana.pk]

    def test_importing_the_same_file_again_repeats_nobody(self) -> None:
        content = HEADER + "".join(f"P{i};119{80000000 + i};;;\n" for i in range(30))
        assert counts(run(content)) == ("done", 30, 30, 0, 0)
        assert counts(run(content)) == ("done", 30, 0, 30, 0)
        assert Contact.objects.count() == 30

    def test_a_list_never_overrules_an_opt_out(self) -> None:
        ana = a_contact(phone="11987654321")
        opt_out(contact=ana, source="keyword PARAR")
        run(HEADER + "Ana;11987654321;;;\n", opt_in_source="old list")
        assert consent_state([ana.pk], "whatsapp", "marketing") == {ana.pk: False}
        assert suppressed({"+5511987654321"}, "whatsapp", "marketing") == {"+5511987654321"}

    def test_a_column_says_who_agreed_and_who_does_not(self) -> None:
        known = {name: a_contact(name=name, phone=f"1198765432{i}") for i, name in enumerate("abc")}
        opt_in(contact=known["a"], source="shop counter")
        opt_out(contact=known["b"], source="keyword PARAR")
        rows = "a;11987654320;não\nb;11987654321;sim\nc;11987654322;\nd;11987654323;Sim\n"
        batch = run("Nome;Telefone;Aceita mensagens\n" + rows + "e;11987654324;talvez\n")
        assert counts(batch) == ("done", 5, 1, 3, 1)
        ids = dict(Contact.objects.values_list("name", "id"))
        for channel in ("whatsapp", "sms"):
            said = consent_state(ids.values(), channel, "marketing")
            b_said = channel != "whatsapp"  # PARAR was about WhatsApp alone
            assert said == {ids["a"]: False, ids["b"]: b_said, ids["d"]: True}
        assert ImportRow.objects.get(number=6).code == "field_yes_no"
        assert Consent.objects.filter(source="File clientes.csv", action="opt_out").count() == 2

    def test_a_wish_said_since_the_file_was_handed_in_is_newer_than_its_no(self) -> None:
        ana = a_contact(phone="11987654321")
        batch = started("Telefone;Aceita\n11987654321;não\n")
        opt_in(contact=ana, source="site form")
        runner.run(str(batch.pk))
        assert consent_state([ana.pk], "whatsapp", "marketing") == {ana.pk: True}

    def test_without_a_source_no_consent_is_recorded(self) -> None:
        run(HEADER + "Ana;11987654321;;;\n")
        assert not Consent.objects.filter(action=ConsentAction.OPT_IN).exists()

    def test_an_email_of_somebody_else_stays_with_them(self) -> None:
        bia = a_contact(name="Bia", email="shared@x.com")
        batch = run(HEADER + "Ana;11987654321;shared@x.com;;\nCaio;11987654322;c@x.com;;\n")
        assert Identity.objects.get(value="shared@x.com").contact_id == bia.pk
        assert counts(batch) == ("done", 2, 2, 0, 0)
        rows = list(ImportRow.objects.order_by("number").values_list("note", "raw"))
        assert rows == [("kept_email", ["Ana", "11987654321", "shared@x.com", "", ""]), ("", None)]
        text = report.noted_response(batch).content.decode()
        assert "shared@x.com;;;2;Another contact has this e-mail" in text
        assert "Caio" not in text

    def test_a_deleted_contact_comes_back_as_a_new_one(self) -> None:
        gone = a_contact(phone="11987654321")
        delete_contact(contact=gone)
        assert counts(run(HEADER + "Ana;11987654321;;;\n")) == ("done", 1, 1, 0, 0)
        assert Contact.objects.alive().get().pk != gone.pk

    def test_imported_contacts_are_found_by_search(self) -> None:
        from crm.selectors import contact_list

        run(HEADER + "João;11987654321;;;\n")
        assert contact_list(q="joao 4321").count() == 1

    def test_the_end_is_a_fact_and_a_notification(self) -> None:
        member = Member.objects.create(person_id=Member().pk, name="Mia", email="m@x", role="owner")
        raw = ContentFile((HEADER + "Ana;11987654321;;;\n").encode())
        batch = create_import(file=raw, filename="clientes.csv", by=member)
        start_import(batch=batch)
        runner.run(str(batch.pk))
        fact = Event.objects.get(type="import.completed")
        assert (fact.data["created"], fact.data["state"]) == (1, "done")
        notice = Notification.objects.get(member=member)
        assert (notice.code, notice.data["created"]) == ("import.completed", 1)

    def test_a_start_is_due_work_and_happens_once(self) -> None:
        batch = started(HEADER + "Ana;11987654321;;;\n")
        assert [key for key, _ in runner.due(None)] == [str(batch.pk)]
        assert AgendaRow.objects.filter(kind="crm.import", key=str(batch.pk)).count() == 1
        assert kinds.registered["crm.import"].queue == "bulk"
        with pytest.raises(Conflict):
            start_import(batch=batch)

    def test_what_is_left_after_a_slice_wakes_itself_up(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(runner, "CHUNK_ROWS", 1)
        monkeypatch.setattr(runner, "SLICE_SECONDS", 0)
        batch = started(HEADER + "Ana;11987654321;;;\nBia;11987654322;;;\n")
        runner.run(str(batch.pk))
        batch.refresh_from_db()
        assert (batch.state, batch.cursor) == (ImportState.RUNNING, 2)
        assert AgendaRow.objects.filter(kind="crm.import").count() == 2

    def test_a_file_that_is_gone_ends_the_import_with_a_reason(self) -> None:
        batch = started(HEADER + "Ana;11987654321;;;\n")
        files.delete(batch.file_key)
        runner.run(str(batch.pk))
        batch.refresh_from_db()
        assert (batch.state, batch.error) == ("failed", "file_gone")

    def test_the_report_is_safe_in_a_spreadsheet_and_comes_back_whole(self) -> None:
        batch = run(HEADER + "=cmd|' /C calc'!A0;+55119;@x;-1;Recife\n")
        text = report.response(batch).content.decode()
        assert text.startswith("\ufeff")
        rows = list(csv.reader(io.StringIO(text[1:]), delimiter=";"))
        assert rows[1][:5] == ["'=cmd|' /C calc'!A0", "'+55119", "'@x", "'-1", "Recife"]
        again = create_import(file=ContentFile(text.encode()), filename="again.csv")
        assert again.total == 1

    def test_a_chunk_takes_the_same_few_queries_whatever_its_size(
        self, django_assert_max_num_queries: Any
    ) -> None:
        content = HEADER + "".join(f"P{i};119{80000000 + i};p{i}@x.com;;\n" for i in range(500))
        batch = started(content, tags=["a"], opt_in_source="site")
        with django_assert_max_num_queries(45):
            runner.run(str(batch.pk))


WORKER = """
import os, sys, django
django.setup()
from django.conf import settings
from django.db import connection
settings.MEDIA_ROOT = sys.argv[2]
settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = sys.argv[1]
from core import scope
from crm.imports import runner
from tenants.models import Company
runner.CHUNK_ROWS = 50
runner.SLICE_SECONDS = 60
company = Company.objects.get(slug="aurora")
with scope.opened(company), scope.surroundings(company):
    print("ready", flush=True)
    runner.run(sys.argv[3])
"""


def worker(batch: Import, media: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, connection.settings_dict["NAME"], media, str(batch.pk)],
        env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.usefixtures("fresh_database")
def test_a_worker_killed_in_the_middle_loses_and_repeats_nothing(settings: Any) -> None:
    company = Company.objects.get(slug="aurora")
    content = HEADER + "".join(f"P{i};119{80000000 + i};;;\n" for i in range(3000))
    with scope.opened(company), scope.surroundings(company):
        batch = started(content)
        for target in (300, 900):
            process = worker(batch, str(settings.MEDIA_ROOT))
            until = time.monotonic() + 60
            while Import.objects.get(pk=batch.pk).cursor < target and time.monotonic() < until:
                time.sleep(0.01)
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=10)
        interrupted = Import.objects.get(pk=batch.pk)
        assert 300 <= interrupted.cursor < 3001
        assert [key for key, _ in runner.due(None)] == [str(batch.pk)]
        runner.SLICE_SECONDS, before = 60.0, runner.SLICE_SECONDS
        try:
            runner.run(str(batch.pk))
        finally:
            runner.SLICE_SECONDS = before
        batch.refresh_from_db()
        assert counts(batch) == ("done", 3000, 3000, 0, 0)
        assert Contact.objects.count() == 3000
        assert Identity.objects.filter(alias_of=None).count() == 3000
        assert ImportRow.objects.count() == 3000


@pytest.mark.usefixtures("fresh_database")
def test_two_imports_of_the_same_people_at_once_make_each_once() -> None:
    company = Company.objects.get(slug="aurora")
    lines = [f"P{i};119{80000000 + i};;;\n" for i in range(400)]
    with scope.opened(company), scope.surroundings(company):
        batches = [started(HEADER + "".join(lines)), started(HEADER + "".join(reversed(lines)))]

    def work(batch: Import) -> None:
        try:
            with scope.opened(company), scope.surroundings(company):
                runner.run(str(batch.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(batch,)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    with scope.opened(company):
        assert Contact.objects.count() == 400
        done = Import.objects.values_list("state", "created", "updated")
        assert sorted(state for state, _, _ in done) == ["done", "done"]
        assert sum(created for _, created, _ in done) == 400
        assert sum(updated for _, _, updated in done) == 400
