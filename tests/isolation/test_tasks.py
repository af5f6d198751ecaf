"""Tasks of two companies in one worker, failing ones among them, each in its own schema."""

import random
from collections import Counter

import pytest
from celery import Task, shared_task
from django.db import DatabaseError, connection, transaction
from django.urls import get_script_prefix
from django.utils import translation

from core import agenda, scope
from core.agenda import Kind
from core.agenda.hints import run_here
from core.agenda.kinds import registered
from core.models import AgendaRow
from core.tasks import CompanyTask
from crm.models import Contact
from tenants.models import Company
from tests.isolation.conftest import Worlds
from tests.isolation.world import World

TASKS = 200
seen: list[tuple[str, list[str]]] = []


def names_here() -> list[str]:
    """The contacts of the company that is open, by name."""
    return list(Contact.objects.alive().order_by("name").values_list("name", flat=True))


class Stumbled(Exception):
    """What a task dies of here."""


@shared_task(base=CompanyTask, name="tests.isolation.look")
def look(company_id: str, accident: str) -> None:
    """Write down whose contacts are there, then end as asked."""
    seen.append((company_id, names_here()))
    if accident == "raise":
        raise Stumbled
    if accident == "database":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM no_such_table")
    if accident == "wander":
        connection.set_schema_to_public()


def run(task: Task, company_id: object, accident: str) -> None:
    """As a worker does: whatever happens to a task, the next one comes."""
    try:
        task(str(company_id), accident)
    except (Stumbled, DatabaseError):
        assert accident in ("raise", "database")


def names_of(world: World) -> list[str]:
    """Its contacts, by name."""
    return [world.text("Zul"), world.text("Zuleica")]


def test_two_hundred_tasks_in_turns_see_their_own_rows_alone(worlds: Worlds) -> None:
    seen.clear()
    chance = random.Random(4)
    companies = [str(world.company.pk) for world in worlds] * (TASKS // 2)
    chance.shuffle(companies)
    for company_id in companies:
        run(look, company_id, chance.choice(["", "", "", "raise", "database", "wander"]))
        assert connection.schema_name == "public"
        assert get_script_prefix() == "/"
    expected = {str(world.company.pk): names_of(world) for world in worlds}
    assert [names for company_id, names in seen if names != expected[company_id]] == []
    assert Counter(company_id for company_id, _ in seen) == Counter(companies)


@pytest.mark.parametrize(
    "company_id", ["0190a000-0000-7000-8000-000000000000", "aurora", "public", "", "c_x; drop"]
)
def test_a_task_of_no_company_fails_and_touches_nothing(worlds: Worlds, company_id: str) -> None:
    seen.clear()
    with pytest.raises(scope.UnknownCompany):
        look(company_id, "")
    assert (seen, connection.schema_name) == ([], "public")


def test_the_template_that_companies_are_cloned_from_has_no_tasks(worlds: Worlds) -> None:
    template = Company.objects.get(is_template=True)
    with pytest.raises(scope.UnknownCompany):
        look(str(template.pk), "")


def test_a_task_leaves_no_language_behind(worlds: Worlds) -> None:
    before = translation.get_language()
    for accident in ("", "raise"):
        run(look, worlds.aurora.company.pk, accident)
        assert translation.get_language() == before


def test_agenda_rows_wake_the_company_that_wrote_them(
    worlds: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one shared table of due work: each row leads back into its own schema."""
    woken: list[tuple[str, list[str]]] = []

    def handle(key: str) -> None:
        woken.append((key, names_here()))

    kind = Kind("tests.isolation", handle, lambda key: [])
    monkeypatch.setitem(registered, kind.name, kind)
    for world in worlds:
        with scope.opened(world.company):
            agenda.append(kind.name, world.company.slug)
    for row in AgendaRow.objects.filter(kind=kind.name):
        run_here(row.schema, row.kind, row.key)
    assert sorted(woken) == [
        ("aurora", names_of(worlds.aurora)),
        ("boreal", names_of(worlds.boreal)),
    ]
