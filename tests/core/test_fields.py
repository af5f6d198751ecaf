from __future__ import annotations

import pickle
import uuid

import pytest
from django.core.exceptions import FieldError
from django.db import connection
from django.forms import modelform_factory
from django.test.utils import CaptureQueriesContext

from core import scope
from core.crypto import DecryptionError
from core.fields import EncryptedTextField, Sealed
from core.ids import uuid7
from core.scope import CompanyRef
from tests.core.support import Vault

pytestmark = pytest.mark.usefixtures("vaults")


@pytest.fixture(autouse=True)
def inside(vaults: None, acme: CompanyRef):  # type: ignore[no-untyped-def]
    with scope.opened(acme):
        yield


def stored(vault: Vault, column: str = "token") -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM core_tests_vault WHERE id = %s", [vault.pk])
        return cursor.fetchone()[0]


def test_what_was_saved_comes_back() -> None:
    vault = Vault.objects.create(token="Ação ✓", other=None, credentials={"a": [1, None]})
    again = Vault.objects.get(pk=vault.pk)
    assert (again.token, again.other, again.credentials) == ("Ação ✓", None, {"a": [1, None]})


def test_the_database_holds_neither_the_text_nor_the_json() -> None:
    vault = Vault.objects.create(token="CANARY", credentials={"key": "CANARY"})
    assert "CANARY" not in stored(vault) + stored(vault, "credentials")
    assert stored(vault).startswith("v1.")


def test_empty_text_and_null_are_stored_as_they_are() -> None:
    vault = Vault.objects.create(token="", other=None)
    assert (stored(vault), stored(vault, "other")) == ("", None)


def test_a_changed_value_replaces_the_old_one() -> None:
    vault = Vault.objects.create(token="old")
    vault.token = "new"
    assert vault.token == "new"
    vault.save(update_fields=["token"])
    assert Vault.objects.get(pk=vault.pk).token == "new"


def test_saving_something_else_leaves_the_ciphertext_alone() -> None:
    vault = Vault.objects.create(token="secret")
    before = stored(vault)
    again = Vault.objects.get(pk=vault.pk)
    again.label = "x"
    again.save()
    assert stored(vault) == before


def test_bulk_create_and_bulk_update_seal_each_row() -> None:
    first, second = Vault.objects.bulk_create([Vault(token="a"), Vault(token="b")])
    first.token, second.token = "A", "B"
    Vault.objects.bulk_update([first, second], ["token"])
    assert {row.pk: row.token for row in Vault.objects.all()} == {first.pk: "A", second.pk: "B"}


def test_a_deferred_value_is_fetched_when_asked_for() -> None:
    pk = Vault.objects.create(token="secret").pk
    vault = Vault.objects.defer("token").get(pk=pk)
    with CaptureQueriesContext(connection) as queries:
        assert vault.token == "secret"
    assert len(queries) == 1


def test_refresh_brings_the_stored_value_back() -> None:
    vault = Vault.objects.create(token="secret")
    vault.token = "changed"
    vault.refresh_from_db()
    assert vault.token == "secret"


@pytest.mark.parametrize("column", ["id", "other"])
def test_ciphertext_moved_to_another_row_or_field_does_not_open(column: str) -> None:
    source, target = Vault.objects.create(token="secret"), Vault.objects.create(other="x")
    sealed = stored(source)
    field = "token" if column == "id" else "other"
    row = target if column == "id" else source
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE core_tests_vault SET {field} = %s WHERE id = %s", [sealed, row.pk])
    with pytest.raises(DecryptionError):
        getattr(Vault.objects.get(pk=row.pk), field)


def test_ciphertext_moved_to_another_company_does_not_open(rival: CompanyRef) -> None:
    vault = Vault.objects.create(token="secret")
    stored_text = stored(vault)
    with scope.opened(rival):
        Vault.objects.create(pk=vault.pk, token=Sealed(stored_text))
        with pytest.raises(DecryptionError):
            _ = Vault.objects.get(pk=vault.pk).token


def test_the_schema_may_be_renamed_without_losing_secrets(acme: CompanyRef) -> None:
    vault = Vault.objects.create(token="secret")
    renamed = CompanyRef(id=acme.id, schema_name=f"c_{uuid.uuid4().hex}")
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER SCHEMA "{acme.schema_name}" RENAME TO "{renamed.schema_name}"')
    with scope.opened(renamed):
        assert Vault.objects.get(pk=vault.pk).token == "secret"


def test_update_and_filter_by_value_are_refused() -> None:
    with pytest.raises(TypeError, match="assign it and save"):
        Vault.objects.update(token="x")
    with pytest.raises(FieldError):
        Vault.objects.filter(token="x")


def test_presence_can_be_filtered() -> None:
    kept = Vault.objects.create(other="x")
    Vault.objects.create(other=None)
    assert list(Vault.objects.filter(other__isnull=False)) == [kept]


def test_a_row_without_a_key_cannot_be_sealed() -> None:
    field = Vault._meta.get_field("token")
    with pytest.raises(ValueError, match="needs the key"):
        field.seal("secret", pk=None)  # type: ignore[union-attr]


def test_values_give_ciphertext_that_the_field_opens_for_code_without_models() -> None:
    vault = Vault.objects.create(credentials={"token": "t"})
    sealed = Vault.objects.values_list("credentials", flat=True).get()
    field = Vault._meta.get_field("credentials")
    assert sealed == stored(vault, "credentials")
    assert field.open(sealed, pk=str(vault.pk)) == {"token": "t"}  # type: ignore[union-attr]


def test_nothing_shows_before_or_after_saving() -> None:
    vault = Vault(id=uuid7(), token="CANARY")
    shown = [repr(vault), repr(vault.__dict__), str(vars(vault))]
    vault.save()
    shown += [repr(vault), repr(vault.__dict__), str(Vault.objects.values().get())]
    assert [text for text in shown if "CANARY" in text] == []


def test_an_unsaved_secret_cannot_be_pickled_and_a_saved_one_travels_sealed() -> None:
    vault = Vault(token="CANARY")
    with pytest.raises(TypeError):
        pickle.dumps(vault)
    vault.save()
    assert b"CANARY" not in pickle.dumps(vault)
    assert vault.token == "CANARY"


def test_forms_leave_secrets_out_and_a_form_that_names_one_never_shows_it() -> None:
    assert list(modelform_factory(Vault, fields="__all__").base_fields) == ["id", "label"]
    field = EncryptedTextField(editable=True)
    field.set_attributes_from_name("token")
    assert "CANARY" not in field.formfield().widget.render("token", "CANARY")


def test_full_clean_judges_the_plaintext() -> None:
    vault = Vault.objects.create(token="x" * 10)
    vault.full_clean(exclude=["label", "other"])
    assert vault.token == "x" * 10
