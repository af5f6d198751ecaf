"""The search for contacts of one person in the background."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from core.agenda import slices
from core.models import AgendaRow
from crm.duplicates import searching
from crm.imports import runner
from crm.models import Contact, DuplicateSearch, MergeSuggestion
from crm.services.contacts import update_contact
from crm.services.imports import create_import, start_import
from crm.services.suggestions import dismiss
from tests.crm.factories import a_contact

SOON = timedelta(minutes=1)  # follow-ups; the next day's look is later
pytestmark = pytest.mark.usefixtures("company")


def two_of_one() -> tuple[Contact, Contact]:
    return (
        a_contact(name="A", email="ana.souza@gmail.com"),
        a_contact(name="B", email="anasouza@gmail.com"),
    )


def pairs() -> list[tuple[Any, ...]]:
    rows = MergeSuggestion.objects.order_by("pk")
    return list(rows.values_list("first_id", "second_id", "state", "likeness"))


def test_newcomers_are_compared_once_and_written_down_the_older_first() -> None:
    one, other = two_of_one()
    assert [key for key, _ in searching.due("")] == [""]
    searching.run("")
    assert pairs() == [(one.pk, other.pk, "open", 3)]
    assert searching.due("") == []
    searching.run("")
    assert len(pairs()) == 1


def test_a_chunk_after_the_other_finds_pairs_across_them(monkeypatch: Any) -> None:
    monkeypatch.setattr(searching, "CHUNK", 1)
    monkeypatch.setattr(slices, "SECONDS", 0.0)
    two_of_one()
    searching.run("")
    assert AgendaRow.objects.filter(kind="crm.find_duplicates", key="").exists()
    searching.run("")
    searching.run("")
    assert (len(pairs()), searching.due("")) == (1, [])


def test_an_import_asks_for_one_look_whatever_its_size() -> None:
    lines = "".join(f"P{n};119{80000000 + n}\n" for n in range(30))
    batch = create_import(file=ContentFile(f"Nome;Telefone\n{lines}".encode()), filename="a.csv")
    asked = AgendaRow.objects.filter(kind="crm.find_duplicates", due_at__lte=timezone.now() + SOON)
    start_import(batch=batch)
    runner.run(str(batch.pk))
    assert asked.count() == 1


def test_who_changes_is_compared_again() -> None:
    one, other = a_contact(name="A", email="ana.souza@gmail.com"), a_contact(name="B")
    searching.run("")
    update_contact(contact=other, changes={"email": "anasouza@gmail.com"})
    searching.run(str(other.pk))
    assert pairs() == [(one.pk, other.pk, "open", 3)]
    update_contact(contact=other, changes={"email": "bia@gmail.com"})
    searching.run(str(other.pk))
    assert pairs() == []


def test_what_was_decided_is_never_asked_again() -> None:
    two_of_one()
    searching.run("")
    dismiss(suggestion=MergeSuggestion.objects.get())
    DuplicateSearch.objects.update(restart_at=timezone.now() - timedelta(seconds=1))
    searching.run("")
    assert [row[2] for row in pairs()] == ["dismissed"]


def test_everybody_is_compared_again_after_a_week_and_newcomers_every_day() -> None:
    one, other = two_of_one()
    DuplicateSearch.objects.all().delete()
    searching.run("")
    MergeSuggestion.objects.all().delete()
    search = DuplicateSearch.objects.get()
    [(key, at)] = searching.due(None)
    assert (key, at) == ("", search.next_look_at)
    assert timedelta(hours=23) < at - timezone.now() <= timedelta(days=1)
    assert AgendaRow.objects.filter(kind="crm.find_duplicates", due_at=at).count() == 1
    DuplicateSearch.objects.update(restart_at=timezone.now(), next_look_at=timezone.now())
    searching.run("")
    assert pairs() == [(one.pk, other.pk, "open", 3)]
    assert DuplicateSearch.objects.get().restart_at > timezone.now() + timedelta(days=6)
