import threading
import time
from uuid import UUID

import pytest
from django.db import connection, transaction

from core import scope
from core.errors import Conflict
from crm.enums import Channel, IdentityKind
from crm.models import Consent, Contact, Identity
from crm.selectors import address_for
from crm.services import consents
from crm.services.contacts import create_contact
from crm.services.identities import Known, attach, resolve
from crm.services.merging import merge_contacts
from tenants.models import Company
from tests.crm.factories import a_contact

CONNECTION = UUID(int=7)


def wa(digits: str) -> Known:
    return Known(IdentityKind.WA_ID, digits)


@pytest.mark.usefixtures("company")
class TestResolve:
    def test_with_and_without_the_ninth_digit_is_one_contact(self) -> None:
        first, created = resolve(known=[wa("551187654321")], name="Ana")
        again, created_again = resolve(known=[Known(IdentityKind.PHONE, "(11) 98765-4321")])
        third, _ = resolve(known=[wa("5511987654321")])
        assert (first.pk, created, created_again) == (again.pk, True, False)
        assert third.pk == first.pk
        assert Contact.objects.count() == 1

    def test_both_spellings_are_kept_and_the_alias_points_at_the_canonical_one(self) -> None:
        contact, _ = resolve(known=[Known(IdentityKind.PHONE, "11 8765-4321")])
        rows = contact.identities.order_by("value").values_list("value", "alias_of__value")
        assert list(rows) == [("+551187654321", "+5511987654321"), ("+5511987654321", None)]

    def test_somebody_without_a_phone_is_known_by_the_scoped_id(self) -> None:
        bsuid = Known(IdentityKind.BSUID, "BR.150", str(CONNECTION))
        contact, _ = resolve(known=[bsuid])
        assert resolve(known=[bsuid])[0].pk == contact.pk
        assert address_for(contact, CONNECTION) == "BR.150"
        assert address_for(contact, UUID(int=8)) == ""

    def test_the_same_scoped_id_at_another_connection_is_somebody_else(self) -> None:
        first, _ = resolve(known=[Known(IdentityKind.BSUID, "BR.150", "a")])
        second, _ = resolve(known=[Known(IdentityKind.BSUID, "BR.150", "b")])
        assert first.pk != second.pk

    def test_what_is_new_about_a_known_contact_is_attached(self) -> None:
        contact = a_contact(name="", phone="11987654321")
        found, _ = resolve(
            known=[wa("551187654321"), Known(IdentityKind.BSUID, "BR.1", "c")], name="Ana"
        )
        assert found.pk == contact.pk
        assert found.name == "Ana"
        assert {row.kind for row in contact.identities.all()} == {"phone", "wa_id", "bsuid"}

    def test_a_name_that_we_have_is_kept(self) -> None:
        contact = a_contact(name="Ana Souza", phone="11987654321")
        resolve(known=[wa("5511987654321")], name="aninha")
        assert Contact.objects.get(pk=contact.pk).name == "Ana Souza"

    def test_of_two_contacts_the_first_identity_decides_and_both_keep_theirs(self) -> None:
        by_phone = a_contact(phone="11987654321")
        scoped = Known(IdentityKind.BSUID, "BR.1", "c")
        by_scoped, _ = resolve(known=[scoped])
        found, _ = resolve(known=[wa("5511987654321"), scoped])
        assert found.pk == by_phone.pk
        assert Identity.objects.get(kind="bsuid").contact_id == by_scoped.pk

    def test_the_whatsapp_id_comes_before_the_phone(self) -> None:
        contact = a_contact(phone="11987654321")
        assert address_for(contact) == "+5511987654321"
        resolve(known=[wa("551187654321")])
        assert address_for(contact) == "551187654321"

    def test_an_identity_of_another_contact_cannot_be_attached(self) -> None:
        holder, contact = a_contact(phone="11987654321"), a_contact()
        with pytest.raises(Conflict) as caught:
            attach(contact=contact, known=[Known(IdentityKind.PHONE, "1187654321")])
        assert caught.value.code == "contact_exists"
        assert caught.value.params["id"].startswith("con_")
        assert Identity.objects.get(value="+551187654321").contact_id == holder.pk


@pytest.mark.usefixtures("fresh_database")
def test_many_at_once_make_one_contact() -> None:
    company = Company.objects.get(slug="aurora")
    ready = threading.Barrier(8)
    outcomes: list[tuple[UUID, bool]] = []

    def arrive(number: int) -> None:
        known = wa("551187654321") if number % 2 else wa("5511987654321")
        try:
            with scope.opened(company):
                ready.wait()
                contact, created = resolve(known=[known], name=f"Ana {number}")
                outcomes.append((contact.pk, created))
        finally:
            connection.close()

    threads = [threading.Thread(target=arrive, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert len(outcomes) == 8
    assert len({pk for pk, _ in outcomes}) == 1
    assert [created for _, created in outcomes].count(True) == 1
    with scope.opened(company):
        assert Contact.objects.count() == 1


@pytest.mark.usefixtures("fresh_database")
def test_what_is_written_about_somebody_while_a_merge_begins_comes_along() -> None:
    company = Company.objects.get(slug="aurora")
    with scope.opened(company):
        kept = create_contact(name="Ana Souza", phone="11987654321")
        gone = create_contact(name="Ana", phone="11987654322")
    found, merging = threading.Event(), threading.Event()

    def arrive() -> None:
        try:
            with scope.opened(company), transaction.atomic():
                contact, _ = resolve(known=[wa("5511987654322")])
                found.set()
                merging.wait(timeout=5)
                time.sleep(0.2)  # the merge waits for the lock meanwhile
                consents.opt_out(contact=contact, channel=Channel.SMS, source="test")
        finally:
            connection.close()

    def merge() -> None:
        try:
            with scope.opened(company):
                found.wait(timeout=5)
                merging.set()
                merge_contacts(kept=kept, gone=gone)
        finally:
            connection.close()

    threads = [threading.Thread(target=arrive), threading.Thread(target=merge)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    with scope.opened(company):
        assert Consent.objects.get().contact_id == kept.pk
        assert resolve(known=[wa("5511987654322")])[0] == kept


@pytest.mark.usefixtures("fresh_database")
def test_creating_the_same_contact_twice_at_once_names_the_first_one_to_the_second() -> None:
    company = Company.objects.get(slug="aurora")
    ready = threading.Barrier(4)
    codes: list[str] = []

    def create() -> None:
        try:
            with scope.opened(company):
                ready.wait()
                create_contact(name="Ana", phone="11987654321")
                codes.append("created")
        except Conflict as error:
            codes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(codes) == ["contact_exists", "contact_exists", "contact_exists", "created"]
