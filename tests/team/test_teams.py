"""Teams: who looks after the same conversations."""

import uuid
from typing import Any

import pytest

from core.errors import Conflict, Invalid, NotFound
from core.ids import encode
from core.scope import opened
from events.models import Event
from team.models import Member, Team
from team.selectors import teams as all_teams
from team.services import members as memberships
from team.services import teams
from tenants.enums import Role
from tenants.models import Company, Person
from tests.conftest import make_member

ACTOR = "system"
PAGE = "/c/aurora/settings/teams/"
API = "/api/v1/teams/"


@pytest.fixture
def members(company: Company, people: dict[str, Person]) -> dict[str, Member]:
    return {member.role: member for member in Member.objects.all()}


def names(team: Team) -> list[str]:
    return sorted(member.role for member in team.members.all())


def test_a_team_has_the_members_it_is_given(members: dict[str, Member]) -> None:
    agent, manager = members[Role.AGENT], members[Role.MANAGER]
    team = teams.create_team(name="  Vendas   Sul ", members=[agent.pk], actor=ACTOR)
    assert (team.name, names(team)) == ("Vendas Sul", [Role.AGENT])
    teams.update_team(team_id=team.pk, members=[manager.pk], actor=ACTOR)
    assert names(team) == [Role.MANAGER]
    teams.update_team(team_id=team.pk, name="Sul", actor=ACTOR)
    assert names(team) == [Role.MANAGER]
    facts = Event.objects.filter(type__startswith="team.").order_by("sequence")
    assert [(fact.type, fact.data.get("changed")) for fact in facts] == [
        ("team.created", None),
        ("team.updated", ["members"]),
        ("team.updated", ["name"]),
    ]


def test_what_changes_nothing_is_no_fact(company: Company) -> None:
    team = teams.create_team(name="Vendas", actor=ACTOR)
    teams.update_team(team_id=team.pk, name="Vendas", members=[], color="blue", actor=ACTOR)
    assert not Event.objects.filter(type="team.updated").exists()


def test_two_teams_of_one_name_whatever_its_case_are_refused(company: Company) -> None:
    teams.create_team(name="Vendas", actor=ACTOR)
    other = teams.create_team(name="Suporte", actor=ACTOR)
    for attempt in (
        lambda: teams.create_team(name="VENDAS", actor=ACTOR),
        lambda: teams.update_team(team_id=other.pk, name="vendas", actor=ACTOR),
    ):
        with pytest.raises(Conflict) as refused:
            attempt()
        assert (refused.value.code, refused.value.field) == ("team_exists", "name")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"color": "plaid"}, "color"),
        ({"alert_after_minutes": 0}, "alert_after_minutes"),
        ({"alert_after_minutes": 7 * 24 * 60 + 1}, "alert_after_minutes"),
        ({"members": [uuid.uuid4()]}, "members"),
    ],
)
def test_a_value_that_does_not_fit_is_named(
    company: Company, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        teams.create_team(**{"name": "Vendas", "actor": ACTOR, **wrong})
    assert list(refused.value.errors) == [field]
    assert not Team.objects.exists()


def test_one_team_is_the_default(company: Company) -> None:
    first = teams.create_team(name="One", is_default=True, actor=ACTOR)
    second = teams.create_team(name="Two", is_default=True, actor=ACTOR)
    assert list(Team.objects.filter(is_default=True)) == [second]
    teams.update_team(team_id=first.pk, is_default=True, actor=ACTOR)
    assert list(Team.objects.filter(is_default=True)) == [first]


def test_who_leaves_the_company_leaves_its_teams(
    company: Company, members: dict[str, Member]
) -> None:
    agent = members[Role.AGENT]
    team = teams.create_team(name="Vendas", members=[agent.pk], actor=ACTOR)
    for role in (None, Role.AGENT):
        memberships.sync(
            company_id=company.pk,
            person_id=agent.person_id,
            name=agent.name,
            email=agent.email,
            role=role,
            actor=ACTOR,
        )
    assert names(team) == []


def test_a_deleted_team_leaves_its_members(members: dict[str, Member]) -> None:
    team = teams.create_team(name="Vendas", members=[members[Role.AGENT].pk], actor=ACTOR)
    teams.delete_team(team_id=team.pk, actor=ACTOR)
    assert Member.objects.filter(pk=members[Role.AGENT].pk, is_active=True).exists()
    with pytest.raises(NotFound):
        teams.delete_team(team_id=team.pk, actor=ACTOR)


def test_a_manager_makes_changes_and_deletes_a_team_on_its_page(
    aurora: Company, client_for: Any
) -> None:
    client = client_for(aurora, Role.MANAGER)
    with opened(aurora):
        member = Member.objects.get()
    posted = {"name": "Vendas", "color": "teal", "members": [str(member.pk)], "is_default": "on"}
    assert client.post(f"{PAGE}new/", posted)["Location"] == PAGE
    with opened(aurora):
        [team] = all_teams()
        assert (team.color, team.is_default, list(team.members.all())) == ("teal", True, [member])
    edit = f"{PAGE}{team.pk}/"
    assert b'value="Vendas"' in client.get(edit).content
    refused = client.post(edit, {"name": "", "color": "teal"})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["name"])
    saved = client.post(edit, {"name": "Sales", "color": "red"}, headers={"hx-request": "true"})
    assert saved["HX-Redirect"] == PAGE
    assert b"Sales" in client.get(PAGE).content
    assert client.post(f"{edit}delete/")["Location"] == PAGE
    with opened(aurora):
        assert not Team.objects.exists()


@pytest.mark.parametrize("role", [Role.AGENT, Role.VIEWER])
def test_others_see_the_teams_and_change_none(aurora: Company, client_for: Any, role: str) -> None:
    client = client_for(aurora, role)
    assert client.get(PAGE).status_code == 200
    assert b"/settings/teams/new/" not in client.get(PAGE).content
    assert client.post(f"{PAGE}new/", {"name": "X", "color": "red"}).status_code == 403


def test_a_program_makes_reads_changes_and_deletes_a_team(aurora: Company, api_client: Any) -> None:
    person = make_member(aurora, Role.AGENT)
    with opened(aurora):
        agent = encode("mem", Member.objects.get(person_id=person.pk).pk)
    client = api_client(aurora, "teams.view", "teams.manage")
    made = client.post(API, {"name": "Vendas", "color": "Teal", "members": [agent]})
    assert made.status_code == 201
    team = made.json()
    assert {key: team[key] for key in ("name", "color", "members", "is_default")} == {
        "name": "Vendas",
        "color": "teal",
        "members": [agent],
        "is_default": False,
    }
    assert client.get(API).json()["results"] == [team]
    url = f"{API}{team['id']}/"
    body = {"members": [], "assigns_automatically": True}
    changed = client.patch(url, body, format="json").json()
    assert changed == {**team, "members": [], "assigns_automatically": True}
    assert client.post(API, {"name": "vendas"}).json()["code"] == "team_exists"
    assert client.patch(url, {"members": ["mem_nonsense"]}).status_code == 422
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404


def test_reading_teams_is_not_changing_them(aurora: Company, api_client: Any) -> None:
    client = api_client(aurora, "teams.view")
    assert client.get(API).status_code == 200
    assert client.post(API, {"name": "Vendas"}).status_code == 403
