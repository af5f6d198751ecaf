"""No form, program or file brings somebody back who was erased."""

from typing import Any

import pytest
from django.core.files.base import ContentFile

from core import files
from core.errors import Conflict, Invalid
from crm.imports import runner
from crm.models import Contact, ImportRow
from crm.services.contacts import create_contact, update_contact
from crm.services.identities import Known, resolve
from crm.services.imports import create_import, start_import
from tests.crm.factories import a_contact
from tests.crm.test_erasing import MAIL, NAME, PHONE, erased

inside = pytest.mark.usefixtures("company")


@inside
@pytest.mark.parametrize("spelled", [PHONE, "(81) 98712-3456", "+558187123456"])
def test_no_form_brings_somebody_back(spelled: str) -> None:
    erased(a_contact(name=NAME, phone=PHONE, email=MAIL))
    with pytest.raises(Invalid) as refused:
        create_contact(name="Q", phone=spelled)
    assert refused.value.errors["phone"][0].code == "person_erased"
    with pytest.raises(Invalid) as refused:
        create_contact(name="Q", email=MAIL.upper())
    assert refused.value.errors["email"][0].code == "person_erased"
    other = a_contact()
    with pytest.raises(Invalid):
        update_contact(contact=other, changes={"phone": spelled})
    with pytest.raises(Conflict) as denied:
        resolve(known=[Known("phone", spelled)], source="api")
    assert denied.value.code == "person_erased"
    assert Contact.objects.alive().get() == other


@inside
def test_no_file_brings_somebody_back_nor_keeps_the_row(
    django_capture_on_commit_callbacks: Any,
) -> None:
    erased(a_contact(name=NAME, phone=PHONE))
    table = f"Nome;Telefone\n{NAME};81 98712 3456\nBia;11987650000\n"
    batch = create_import(file=ContentFile(table.encode()), filename="clientes.csv")
    start_import(batch=batch)
    with django_capture_on_commit_callbacks(execute=True):
        runner.run(str(batch.pk))
    rows = list(ImportRow.objects.order_by("number").values_list("code", "raw"))
    assert rows == [("person_erased", None), ("", None)]
    assert Contact.objects.alive().get().name == "Bia"
    with pytest.raises(FileNotFoundError):
        files.open(batch.file_key)
