"""The commands of the platform."""

import io
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from core.schedules import schedules
from tenants.enums import CompanyState, Role
from tenants.models import Company, Membership, Person
from tests.conftest import make_member


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def data_dir(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.DATA_DIR = tmp_path
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    return tmp_path


def notes(data_dir: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((data_dir / "demo.json").read_text())
    return found


def signs_in(email: str, password: str) -> bool:
    client = Client()
    client.post("/accounts/login/", {"login": email, "password": password})
    return "_auth_user_id" in client.session


def test_the_demo_is_made_once_and_can_be_signed_into(db: None, data_dir: Path) -> None:
    run("demo")
    first = notes(data_dir)
    assert sorted(first) == ["company", "email", "password", "superadmin_email"]
    assert stat.S_IMODE((data_dir / "demo.json").stat().st_mode) == 0o600
    assert len(first["password"]) == 16
    run("demo")
    assert notes(data_dir) == first
    assert signs_in(first["email"], first["password"])
    company = Company.objects.get(slug=first["company"])
    assert Membership.objects.get(company=company).role == Role.OWNER
    assert Person.objects.get(email=first["superadmin_email"]).is_superuser


def test_a_given_password_is_used_and_not_written(
    db: None, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEMO_PASSWORD", "given-by-somebody")
    run("demo")
    assert sorted(notes(data_dir)) == ["company", "email", "superadmin_email"]
    assert signs_in("demo@example.com", "given-by-somebody")
    monkeypatch.setenv("DEMO_PASSWORD", "given-anew-by-somebody")
    run("demo")
    assert signs_in("demo@example.com", "given-anew-by-somebody")


def test_a_lost_file_comes_back_without_a_password(db: None, data_dir: Path) -> None:
    run("demo")
    (data_dir / "demo.json").unlink()
    run("demo")
    assert sorted(notes(data_dir)) == ["company", "email", "superadmin_email"]


def test_companies_are_made_listed_suspended_and_reactivated(aurora: Company) -> None:
    owner = make_member(aurora, Role.OWNER)
    made = run("company", "create", "--name", "Casa Azul", "--owner-email", owner.email.upper())
    assert made == "Casa Azul is at /c/casa-azul/\n"
    run("company", "suspend", "casa-azul")
    assert Company.objects.get(slug="casa-azul").state == CompanyState.SUSPENDED
    assert run("company", "list").splitlines() == [
        "aurora\tactive\tAurora",
        "boreal\tactive\tBoreal",
        "casa-azul\tsuspended\tCasa Azul",
    ]
    run("company", "reactivate", "casa-azul")
    assert Company.objects.get(slug="casa-azul").is_active


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "--name", "X", "--owner-email", "nobody@example.com"),
        ("create", "--name", "X", "--owner-email", "owner@aurora.example", "--slug", "boreal"),
        ("create", "--name", "X", "--owner-email", "owner@aurora.example", "--slug", "Ä b"),
        ("suspend", "nowhere"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(aurora: Company, arguments: tuple[str, ...]) -> None:
    make_member(aurora, Role.OWNER)
    with pytest.raises(CommandError):
        run("company", *arguments)


def test_a_superadmin_needs_a_good_password(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ("superadmin", "create", "--email", "Root@example.com", "--password-stdin")
    monkeypatch.setattr("builtins.input", lambda: "short")
    with pytest.raises(CommandError):
        run(*command)
    monkeypatch.setattr("builtins.input", lambda: "a-long-enough-secret")
    run(*command)
    assert Person.objects.get(email="root@example.com").is_superuser
    assert signs_in("root@example.com", "a-long-enough-secret")


def test_somebody_with_an_account_becomes_superadmin_and_keeps_the_password(
    aurora: Company,
) -> None:
    person = make_member(aurora, Role.AGENT)
    run("superadmin", "create", "--email", person.email)
    person.refresh_from_db()
    assert person.is_superuser
    assert person.check_password("correct-horse-battery")


def test_schedules_are_written_once_and_what_the_superadmin_changed_stays(db: None) -> None:
    from django_celery_beat.models import PeriodicTask

    assert run("schedules") == f"{len(schedules)} schedules, {len(schedules)} of them new\n"
    PeriodicTask.objects.filter(name="tenants.prune_sessions").update(enabled=False)
    assert run("schedules") == f"{len(schedules)} schedules, 0 of them new\n"
    assert not PeriodicTask.objects.get(name="tenants.prune_sessions").enabled
    ours = set(PeriodicTask.objects.values_list("task", flat=True)) & {
        schedule.task for schedule in schedules.values()
    }
    assert ours == {schedule.task for schedule in schedules.values()}


def test_every_schedule_names_a_task_that_the_workers_know() -> None:
    from config.celery import app

    app.loader.import_default_modules()
    unknown = {schedule.task for schedule in schedules.values()} - set(app.tasks)
    assert unknown == set()
