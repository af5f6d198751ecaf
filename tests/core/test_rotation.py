from __future__ import annotations

import base64
from collections import Counter
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from core import rotation, scope
from core.rotation import Column, columns
from core.scope import CompanyRef
from tests.core.support import Entry, Vault

OLD = "old:" + base64.b64encode(b"o" * 32).decode()
NEW = "new:" + base64.b64encode(b"n" * 32).decode()
TOKEN = Column(Vault, Vault._meta.get_field("token"))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def places(
    vaults: None,
    acme: CompanyRef,
    rival: CompanyRef,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The project has one encrypted column, in two companies, with three values each."""
    settings.ENCRYPTION_KEYS = OLD
    monkeypatch.setattr(rotation, "columns", lambda: [TOKEN])
    monkeypatch.setattr(rotation, "all_companies", lambda: iter([acme, rival]))
    for company in (acme, rival):
        with scope.opened(company):
            for number in range(3):
                Vault.objects.create(token=f"secret {number}")
            Vault.objects.create(token="")


def tokens(company: CompanyRef) -> list[str]:
    with scope.opened(company):
        return [vault.token for vault in Vault.objects.order_by("pk")]


def test_everything_moves_to_the_current_key_and_the_old_one_can_go(
    settings: Any, acme: CompanyRef, rival: CompanyRef
) -> None:
    settings.ENCRYPTION_KEYS = f"{NEW},{OLD}"
    assert [count for *_, count in rotation.rotate_all(batch=2)] == [3, 3]
    assert rotation.key_usage() == Counter(new=6)
    settings.ENCRYPTION_KEYS = NEW
    assert tokens(acme) == tokens(rival) == ["secret 0", "secret 1", "secret 2", ""]


def test_an_interrupted_run_goes_on_where_it_stopped(settings: Any, acme: CompanyRef) -> None:
    settings.ENCRYPTION_KEYS = f"{NEW},{OLD}"
    next(iter(rotation.rotate_all()))
    assert rotation.key_usage() == Counter(new=3, old=3)
    assert [count for *_, count in rotation.rotate_all()] == [0, 3]


def test_a_value_changed_meanwhile_is_left_alone(settings: Any, acme: CompanyRef) -> None:
    settings.ENCRYPTION_KEYS = f"{NEW},{OLD}"
    with scope.opened(acme):
        vault = Vault.objects.exclude(token__isnull=True).order_by("pk").first()
        assert vault is not None
        before = vault.token_sealed  # type: ignore[attr-defined]
        vault.token = "changed by somebody"
        vault.save()
        assert rotation._rotate(TOKEN, vault.pk, before) == 0
        assert Vault.objects.get(pk=vault.pk).token == "changed by somebody"


def test_the_command_says_what_it_did_and_which_keys_are_in_use(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = f"{NEW},{OLD}"
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    lines = out.getvalue().splitlines()
    assert [line.rpartition(": ")[2] for line in lines] == ["3", "3", "6 values"]
    assert lines[-1] == "key new (current): 6 values"


def test_checking_changes_nothing(settings: Any) -> None:
    settings.ENCRYPTION_KEYS = f"{NEW},{OLD}"
    out = StringIO()
    call_command("rotate_keys", "--check", stdout=out)
    assert out.getvalue() == "key old (old): 6 values\n"


@pytest.mark.parametrize("arguments", [[], ["--check"]])
def test_a_key_that_is_missing_stops_it(settings: Any, arguments: list[str]) -> None:
    settings.ENCRYPTION_KEYS = NEW
    with pytest.raises(CommandError, match="old"):
        call_command("rotate_keys", *arguments, stdout=StringIO())
    settings.ENCRYPTION_KEYS = OLD
    assert rotation.key_usage() == Counter(old=6)


def test_the_encrypted_columns_of_all_models_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apps, "get_models", lambda: [Vault, Entry])
    assert [column.label for column in columns()] == [
        "core_tests.Vault.token",
        "core_tests.Vault.other",
        "core_tests.Vault.credentials",
    ]
