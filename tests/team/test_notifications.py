"""What members are told: in their language, by permission, never in the way of its cause."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from core import realtime
from core.errors import Invalid
from core.scope import opened
from events.deliveries import deliver
from events.models import Delivery
from team import notifications as registry
from team.models import Member, Notification
from team.selectors import kinds_for, notices_of, unread_count, wanted_kinds
from team.services import notifications
from tenants.enums import Role
from tenants.models import Company, Person
from tests.conftest import make_member

CODE = "test.happened"


@pytest.fixture(autouse=True)
def kind() -> Iterator[None]:
    registry.register(registry.Kind(CODE, _("%(name)s joined the team."), "bell", _("Team")))
    yield
    del registry.KINDS[CODE]


@pytest.fixture
def members(company: Company, people: dict[str, Person]) -> dict[str, Member]:
    return {member.role: member for member in Member.objects.all()}


def test_everybody_who_holds_the_permission_is_told(members: dict[str, Member]) -> None:
    notifications.notify(code=CODE, permission="campaigns.manage", data={"name": "Ana"}, url="/x")
    assert {role: unread_count(member) for role, member in members.items()} == {
        Role.OWNER: 1,
        Role.ADMIN: 1,
        Role.MANAGER: 1,
        Role.AGENT: 0,
        Role.VIEWER: 0,
    }
    with translation.override("en"):
        [notice] = notices_of(members[Role.OWNER])
    assert (notice.text, notice.url, notice.is_read) == ("Ana joined the team.", "/x", False)


def test_a_kind_nobody_registered_is_an_error_of_ours(members: dict[str, Member]) -> None:
    with pytest.raises(KeyError):
        notifications.notify(code="no.such", member=members[Role.OWNER])


def test_the_open_pages_of_the_told_member_hear_of_it(
    members: dict[str, Member], company: Company, django_capture_on_commit_callbacks: Any
) -> None:
    topic = registry.topic_of(members[Role.AGENT].pk)
    before = realtime.since(company.pk, None, ()).cursor
    with django_capture_on_commit_callbacks(execute=True):
        notifications.notify(code=CODE, member=members[Role.AGENT], data={"name": "Ana"})
    heard = realtime.since(company.pk, before, {topic, registry.topic_of(members[Role.OWNER].pk)})
    assert [(event.topic, event.event) for event in heard.events] == [
        (topic, "notifications.changed")
    ]


def test_opening_one_marks_it_read_and_leads_there(
    members: dict[str, Member], company: Company, client_for: Any
) -> None:
    notifications.notify(code=CODE, member=members[Role.OWNER], data={"name": "A"}, url="/c/a/b/")
    row = Notification.objects.get()
    with opened(company):
        assert (
            client_for(company, Role.AGENT).get(f"/c/aurora/notifications/{row.pk}/").status_code
            == 404
        )
        answer = client_for(company, Role.OWNER).get(f"/c/aurora/notifications/{row.pk}/")
    assert answer["Location"] == "/c/a/b/"
    with opened(company):
        assert unread_count(members[Role.OWNER]) == 0


def test_all_can_be_marked_read_at_once(
    members: dict[str, Member], company: Company, client_for: Any
) -> None:
    for member in (members[Role.OWNER], members[Role.OWNER], members[Role.AGENT]):
        notifications.notify(code=CODE, member=member, data={"name": "A"})
    assert client_for(company).post("/c/aurora/notifications/read/").status_code == 200
    with opened(company):
        assert unread_count(members[Role.OWNER]) == 0
        assert unread_count(members[Role.AGENT]) == 1


def test_the_bell_costs_the_same_for_one_and_for_many(
    members: dict[str, Member],
    company: Company,
    client_for: Any,
    django_assert_max_num_queries: Any,
) -> None:
    client = client_for(company)
    for _number in range(3):
        notifications.notify(code=CODE, member=members[Role.OWNER], data={"name": "A"})
    with django_assert_max_num_queries(9):
        page = client.get("/c/aurora/notifications/")
    assert page.content.count(b"menu-item items-start") == 3


def test_who_does_not_want_to_know_is_not_told(members: dict[str, Member]) -> None:
    owner, admin = members[Role.OWNER], members[Role.ADMIN]
    everything = {kind.code for kind in registry.KINDS.values()}
    assert wanted_kinds(owner) == everything
    notifications.choose(member=owner, codes=everything - {CODE})
    assert wanted_kinds(owner) == everything - {CODE}
    notifications.notify(code=CODE, members=[owner, admin], data={"name": "A"})
    assert (unread_count(owner), unread_count(admin)) == (0, 1)
    notifications.choose(member=owner, codes=everything)
    notifications.notify(code=CODE, member=owner, data={"name": "A"})
    assert unread_count(owner) == 1


def test_who_may_not_know_is_neither_told_nor_asked(members: dict[str, Member]) -> None:
    agent = members[Role.AGENT]
    notifications.notify(code="connection.stopped", member=agent, data={"name": "Loja"})
    assert unread_count(agent) == 0
    assert "connection.stopped" not in {kind.code for kind in kinds_for(agent)}
    with pytest.raises(Invalid):
        notifications.choose(member=agent, codes=["connection.stopped"])


def test_a_kind_can_be_off_until_somebody_wants_it(members: dict[str, Member]) -> None:
    registry.KINDS[CODE] = replace(registry.KINDS[CODE], is_on=False)
    agent = members[Role.AGENT]
    notifications.notify(code=CODE, member=agent, data={"name": "A"})
    assert unread_count(agent) == 0
    notifications.choose(member=agent, codes=[CODE])
    notifications.notify(code=CODE, member=agent, data={"name": "A"})
    assert unread_count(agent) == 1


def test_everybody_chooses_on_a_page_of_their_own(
    members: dict[str, Member], company: Company, client_for: Any
) -> None:
    url, client = "/c/aurora/settings/notifications/", client_for(company, Role.AGENT)
    page = client.get(url).content.decode()
    assert "conversation-mentioned" in page
    assert "connection-stopped" not in page
    assert client.post(url, {"conversation-assigned": "on"})["Location"] == url
    with opened(company):
        assert wanted_kinds(members[Role.AGENT]) == {"conversation.assigned"}
        assert "conversation.mentioned" in wanted_kinds(members[Role.OWNER])


def test_the_switches_stand_under_the_area_that_they_are_about(
    members: dict[str, Member], company: Company, client_for: Any
) -> None:
    page = client_for(company, Role.AGENT).get("/c/aurora/settings/notifications/")
    areas = {
        str(area): [field.name for field in fields] for area, fields in page.context["form"].areas()
    }
    assert "conversation-mentioned" in areas["Conversations"]
    assert "Connections" not in areas
    assert sum(map(len, areas.values())) == len(page.context["form"].fields)


def test_the_bell_says_how_many(
    members: dict[str, Member], company: Company, client_for: Any
) -> None:
    for _number in range(3):
        notifications.notify(code=CODE, member=members[Role.OWNER], data={"name": "A"})
    dot = client_for(company).get("/c/aurora/notifications/unread/").content.decode()
    assert ">3<" in dot


def test_those_who_manage_the_team_hear_who_joined(company: Company) -> None:
    for role in (Role.OWNER, Role.ADMIN, Role.AGENT):
        make_member(company, role)
    Notification.objects.all().delete()
    Delivery.objects.all().delete()
    make_member(company, Role.MANAGER)
    deliver("team.tell_joined")
    told = Notification.objects.select_related("member").order_by("member__role")
    assert [(row.member.role, row.code) for row in told] == [
        (Role.ADMIN, "member.joined"),
        (Role.OWNER, "member.joined"),
    ]
