"""Contacts that nothing happened to for long are erased, not barred; rows of imports go."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm import retention as of_contacts
from crm.enums import ErasureReason, ErasureState
from crm.erasures import Erasure, Tombstone
from crm.models import Contact, Import, ImportRow, Suppression
from crm.services import consents
from crm.services.contacts import create_contact
from team.models import RetentionRun
from team.services import retention
from tenants.models import Company
from tests.crm.factories import a_contact


def quiet(days: int, phone: str = "") -> Contact:
    contact = a_contact(**({"phone": phone} if phone else {}))
    at = timezone.now() - timedelta(days=days)
    Contact.objects.filter(pk=contact.pk).update(last_active_at=at, updated_at=at)
    return contact


def a_night(code: str, days: int) -> None:
    retention.set_period(code=code, days=days)
    retention.begin()
    retention.run(code)


def alive() -> set[object]:
    return set(Contact.objects.alive().values_list("pk", flat=True))


def test_who_was_quiet_for_long_is_erased_and_may_come_in_again(company: Company) -> None:
    gone, kept = quiet(400, phone="11987650001"), quiet(300)
    a_night("contacts", 365)
    assert alive() == {kept.pk}
    erasure = Erasure.objects.get(contact=gone)
    assert erasure.reason == ErasureReason.NOT_NEEDED
    assert not Tombstone.objects.exists()
    assert not Suppression.objects.exists()
    assert create_contact(phone="11987650001").pk in alive()


def test_each_batch_goes_on_behind_the_one_before(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_contacts, "AT_ONCE", 1)
    gone, refused, last = quiet(403), quiet(402), quiet(401)
    Erasure.objects.create(contact=a_contact(), contacts=[str(refused.pk)], reason="request")
    source = of_contacts.Quiet()
    before, place, counts = timezone.now() - timedelta(days=365), "", []
    for _ in range(4):
        found = source.forget(before, place)
        place, counts = found.place, [*counts, (found.count, found.is_done)]
    assert counts == [(1, False), (0, False), (1, False), (0, True)]
    assert place == ""
    assert not alive() & {gone.pk, last.pk}


def test_so_many_erasures_at_once_and_the_rest_when_they_are_done(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_contacts, "AT_ONCE", 1)
    monkeypatch.setattr(of_contacts, "MOST_UNDER_WAY", 2)
    for days in (401, 402, 403):
        quiet(days)
    a_night("contacts", 365)
    assert (Erasure.objects.count(), len(alive())) == (2, 1)
    assert [key for key, _at in retention.due("contacts")] == ["contacts"]
    Erasure.objects.update(state=ErasureState.DONE)
    retention.run("contacts")
    assert (Erasure.objects.count(), len(alive())) == (3, 0)
    assert RetentionRun.objects.get(kind="contacts").count == 3


def test_a_word_on_consent_a_change_and_a_message_are_activity(company: Company) -> None:
    said, changed, wrote = quiet(400), quiet(400), quiet(400)
    consents.opt_in(contact=said, channel="whatsapp", purpose="marketing", source="form")
    Contact.objects.filter(pk=changed.pk).update(updated_at=timezone.now())
    Contact.objects.filter(pk=wrote.pk).update(last_active_at=timezone.now())
    a_night("contacts", 365)
    assert alive() == {said.pk, changed.pk, wrote.pk}


def test_rows_of_old_imports_go_and_its_numbers_stay(company: Company) -> None:
    batch = Import.objects.create(
        filename="a.csv", file_key="x", encoding="utf-8", delimiter=",", total=1, rejected=1,
        finished_at=timezone.now() - timedelta(days=31),
    )  # fmt: skip
    ImportRow.objects.create(batch=batch, number=2, code="phone_invalid", raw=["Ana"])
    a_night("imports", 30)
    assert ImportRow.objects.count() == 0
    assert Import.objects.get(pk=batch.pk).rejected == 1
