"""Taking an import back."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db.models import QuerySet
from django.utils import timezone

from core.agenda import slices
from core.errors import Conflict
from crm.enums import ConsentAction, ImportKind
from crm.imports import runner, undoing
from crm.imports.undo_reasons import sentence
from crm.models import Consent, Contact, Identity, Import, ImportRow, ImportUndo
from crm.selectors import consent_state, contact_list
from crm.services.consents import opt_in, opt_out
from crm.services.contacts import restore_contact, tag, update_contact
from crm.services.import_undos import DAYS, check_undo, start_undo
from crm.services.imports import create_import, start_import
from crm.services.lists import add_contacts, create_list
from crm.services.merging import merge_contacts
from events.models import Event
from messaging.models import Thread
from tests.campaigns.factories import a_connection
from tests.crm.factories import a_contact

pytestmark = pytest.mark.usefixtures("company")
HEADER = "Nome;Telefone;E-mail;Etiquetas;Cidade\n"
ANA = "Ana;11987654321;;;\n"


def a_draft(content: str) -> Import:
    return create_import(file=ContentFile((HEADER + content).encode()), filename="clientes.csv")


def imported(content: str, **options: Any) -> Import:
    batch = start_import(batch=a_draft(content), **options)
    while batch.state in runner.OPEN_STATES:
        runner.run(str(batch.pk))
        batch.refresh_from_db()
    return batch


def undone(batch: Import) -> dict[str, int]:
    start_undo(batch=batch)
    while undoing.due(str(batch.pk)):
        undoing.run(str(batch.pk))
    return dict(ImportUndo.objects.get(batch=batch).counts)


def alive() -> QuerySet[Contact]:
    return Contact.objects.alive().order_by("name")


def reasons(batch: Import) -> list[str]:
    rows = ImportRow.objects.filter(batch=batch, changes__kept__isnull=False).order_by("number")
    return [sentence(row.undo, (row.changes or {})["kept"]) for row in rows]


class TestContactsThatItCreated:
    def test_are_taken_out_and_can_be_brought_back_one_by_one(self) -> None:
        batch = imported(ANA + "Bia;11987654322;;VIP;\n", tags=["Feira"])
        assert undone(batch) == {"taken_out": 2}
        assert not alive().exists()
        assert not Identity.objects.held().exists()
        restore_contact(contact=Contact.objects.get(name="Ana"))
        assert contact_list(q="4321").get().name == "Ana"

    def test_are_free_to_come_in_by_the_right_file(self) -> None:
        undone(imported(ANA))
        assert imported("Ana Souza;11987654321;;;\n").created == 1
        assert alive().get().name == "Ana Souza"

    def test_stay_when_somebody_changed_tagged_listed_or_asked_them(self) -> None:
        batch = imported("".join(f"P{i};1198765432{i};;;\n" for i in range(6)), tags=["Feira"])
        people = list(alive())
        update_contact(contact=people[0], changes={"name": "P0 Souza"})
        tag(contact_ids=[people[1].pk], tags=["VIP"])
        add_contacts(contact_list=create_list(name="Lojas"), contact_ids=[people[2].pk])
        opt_out(contact=people[3], source="phone call")
        update_contact(contact=people[4], changes={"email": "p4@x.com"})
        assert undone(batch) == {"taken_out": 1, "kept": 5}
        assert [one.pk for one in alive()] == [one.pk for one in people[:5]]
        assert reasons(batch) == [
            "Somebody changed it since.",
            "Its tags are others since.",
            "Used since: Places on lists.",
            "What it allowed was recorded since.",
            "It got another phone, e-mail or id since.",
        ]

    def test_stay_when_they_have_a_conversation(self) -> None:
        batch = imported(ANA)
        Thread.objects.create(
            contact=alive().get(), connection=a_connection(), address="5511987654321"
        )
        assert undone(batch) == {"kept": 1}
        assert reasons(batch) == ["Used since: Threads."]

    def test_stay_when_they_are_part_of_another_or_another_of_them(self) -> None:
        batch = imported(ANA + "Bia;11987654322;;;\n")
        ana, bia = alive()
        merge_contacts(kept=a_contact(name="Carla"), gone=ana)
        merge_contacts(kept=bia, gone=a_contact(name="Duda"))
        assert undone(batch) == {"kept": 2}
        assert reasons(batch) == ["Used since: merges."] * 2
        assert [one.name for one in alive()] == ["Bia", "Carla"]
        assert Identity.objects.held().filter(value="+5511987654321").exists()

    def test_stay_when_a_later_file_has_them_unless_that_is_undone_too(self) -> None:
        first, again = imported(ANA), imported(ANA)
        check_undo(batch=first)
        undoing.run(str(first.pk))
        assert ImportUndo.objects.get(batch=first).counts == {"kept": 1}
        assert undone(again) == {"unchanged": 1}
        assert undone(first) == {"taken_out": 1}

    def test_lose_the_consent_that_the_file_claimed(self) -> None:
        batch = imported(ANA, opt_in_source="old list")
        contact = alive().get()
        undone(batch)
        restore_contact(contact=contact)
        assert consent_state([contact.pk], "whatsapp", "marketing") == {}
        actions = Consent.objects.filter(channel="sms").order_by("at")
        assert list(actions.values_list("action", flat=True)) == ["opt_in", "undone"]


class TestContactsThatItUpdated:
    def test_get_back_what_it_changed_field_by_field(self) -> None:
        ana = a_contact(
            name="Ana", phone="11987654321", attributes={"cidade": "Recife", "uf": "PE"}, tags=["A"]
        )
        batch = imported("Ana Souza;11987654321;ana@x.com;A, B;Olinda\n")
        assert undone(batch) == {"given_back": 1}
        ana.refresh_from_db()
        assert (ana.name, ana.attributes) == ("Ana", {"cidade": "Recife", "uf": "PE"})
        assert list(ana.tags.values_list("name", flat=True)) == ["A"]
        assert not ana.identities.filter(kind="email").exists()
        assert not contact_list(q="souza").exists()

    def test_lose_fields_that_they_did_not_have(self) -> None:
        ana = a_contact(name="", phone="11987654321")
        undone(imported("Ana;11987654321;;;Olinda\n"))
        ana.refresh_from_db()
        assert (ana.name, ana.attributes) == ("", {})

    def test_keep_what_somebody_changed_again(self) -> None:
        ana = a_contact(name="Ana", phone="11987654321", attributes={"cidade": "Recife"})
        batch = imported("Ana Souza;11987654321;;;Olinda\n")
        update_contact(contact=ana, changes={"attributes": {"cidade": "Natal"}})
        assert undone(batch) == {"kept": 1}
        ana.refresh_from_db()
        assert (ana.name, ana.attributes) == ("Ana", {"cidade": "Natal"})
        assert reasons(batch) == ["Changed since and kept: cidade. The rest was taken back."]

    def test_keep_an_address_that_they_were_written_to_at(self) -> None:
        ana = a_contact(name="Ana", email="ana@x.com", phone="")
        batch = imported("Ana;11987654321;ana@x.com;;\n", match_by="email")
        Thread.objects.create(contact=ana, connection=a_connection(), address="+5511987654321")
        assert undone(batch) == {"kept": 1}
        assert ana.identities.filter(value="+5511987654321").exists()

    def test_have_the_consent_again_that_they_had_before(self) -> None:
        silent = a_contact(phone="11987654321")
        agreed = a_contact(phone="11987654322")
        opt_in(contact=agreed, source="shop counter")
        batch = imported(ANA + "Bia;11987654322;;;\n", opt_in_source="old list")
        undone(batch)
        ids = [silent.pk, agreed.pk]
        assert consent_state(ids, "whatsapp", "marketing") == {agreed.pk: True}
        assert Consent.objects.filter(contact=agreed, channel="whatsapp").order_by("-at")[
            0
        ].source == "shop counter"  # fmt: skip
        assert Consent.objects.filter(action=ConsentAction.OPT_IN, source="old list").count() == 4

    def test_lose_a_no_of_the_file_too(self) -> None:
        ana = a_contact(phone="11987654321")
        opt_in(contact=ana, source="shop counter")
        batch = start_import(
            batch=create_import(
                file=ContentFile(b"Telefone;Aceita\n11987654321;n\n11987654322;n\n"), filename="a"
            )
        )
        runner.run(str(batch.pk))
        batch.refresh_from_db()
        assert undone(batch) == {"given_back": 1, "taken_out": 1}
        assert consent_state([ana.pk], "whatsapp", "marketing") == {ana.pk: True}

    def test_that_said_no_since_stay_at_no(self) -> None:
        ana = a_contact(name="Ana", phone="11987654321")
        batch = imported(ANA, opt_in_source="old list")
        opt_out(contact=ana, source="keyword PARAR")
        assert undone(batch) == {"kept": 1}
        assert consent_state([ana.pk], "whatsapp", "marketing") == {ana.pk: False}

    def test_may_be_opted_in_by_the_right_file_afterwards(self) -> None:
        ana = a_contact(name="Ana", phone="11987654321")
        undone(imported(ANA, opt_in_source="old list"))
        imported(ANA, opt_in_source="old list")
        assert consent_state([ana.pk], "whatsapp", "marketing") == {ana.pk: True}


class TestTheWork:
    def test_a_count_says_what_the_undo_then_does_and_writes_nothing(self) -> None:
        a_contact(name="Ana", phone="11987654321")
        batch = imported("Ana Souza;11987654321;;;\nBia;11987654322;;;\nX;1;;;\n")
        check_undo(batch=batch)
        undoing.run(str(batch.pk))
        undo = ImportUndo.objects.get(batch=batch)
        assert (undo.state, undo.counts) == ("checked", {"given_back": 1, "taken_out": 1})
        assert [one.name for one in alive()] == ["Ana Souza", "Bia"]
        assert undone(batch) == undo.counts

    def test_goes_on_behind_the_last_chunk_and_does_nothing_twice(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(undoing, "CHUNK_ROWS", 2)
        monkeypatch.setattr(slices, "SECONDS", 0.0)
        batch = imported("".join(f"P{i};1198765432{i};;;\n" for i in range(5)))
        start_undo(batch=batch)
        undoing.run(str(batch.pk))
        assert alive().count() == 3
        assert [key for key, _ in undoing.due(None)] == [str(batch.pk)]
        while undoing.due(str(batch.pk)):
            undoing.run(str(batch.pk))
        undoing.run(str(batch.pk))
        undo = ImportUndo.objects.get(batch=batch)
        assert (undo.state, undo.counts, alive().count()) == ("done", {"taken_out": 5}, 0)
        fact = Event.objects.get(type="import.undone")
        assert (fact.data["taken_out"], fact.data["kept"]) == (5, 0)

    def test_takes_the_same_few_statements_whatever_its_size(
        self, django_assert_max_num_queries: Any
    ) -> None:
        batch = imported("".join(f"P{i};119876{i:05};;;\n" for i in range(300)))
        start_undo(batch=batch)
        with django_assert_max_num_queries(60):
            undoing.run(str(batch.pk))
        assert not alive().exists()


class TestWhatIsRefused:
    def code(self, batch: Import) -> str:
        with pytest.raises(Conflict) as refused:
            start_undo(batch=batch)
        return refused.value.code

    def test_a_second_undo(self) -> None:
        batch = imported(ANA)
        undone(batch)
        assert self.code(batch) == "undo_repeated"

    def test_one_while_another_import_or_undo_is_under_way(self) -> None:
        first, second = imported(ANA), imported("Bia;11987654322;;;\n")
        running = start_import(batch=a_draft("Caio;11987654323;;;\n"))
        assert self.code(first) == "import_running"
        assert self.code(running) == "undo_too_early"
        runner.run(str(running.pk))
        start_undo(batch=first)
        assert self.code(second) == "undo_running"
        with pytest.raises(Conflict) as refused:
            start_import(batch=a_draft(ANA))
        assert refused.value.code == "undo_running"

    def test_one_after_a_month_when_what_was_changed_is_forgotten(self) -> None:
        a_contact(name="Ana", phone="11987654321")
        batch = imported("Ana Souza;11987654321;;;\n")
        assert undoing.due_to_forget(str(batch.pk)) == [(str(batch.pk), batch.undo_until)]
        assert batch.undo_until is not None
        assert batch.finished_at is not None
        assert batch.undo_until - batch.finished_at < timedelta(days=DAYS, minutes=1)
        undoing.forget(str(batch.pk))
        assert ImportRow.objects.filter(changes__isnull=False).exists()
        Import.objects.update(undo_until=timezone.now() - timedelta(seconds=1))
        assert self.code(batch) == "undo_too_late"
        undoing.forget(str(batch.pk))
        assert not ImportRow.objects.filter(changes__isnull=False).exists()
        assert undoing.due_to_forget(None) == []

    def test_of_a_list_of_numbers_not_to_write_to(self) -> None:
        batch = imported(ANA)
        Import.objects.update(kind=ImportKind.SUPPRESSIONS)
        assert self.code(batch) == "undo_of_list"
