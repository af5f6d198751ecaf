"""Who sees which conversation: the company's choice, for its agents and viewers."""

from collections.abc import Callable
from typing import Any

import pytest

from conversations import visibility
from conversations.enums import Sight
from conversations.models import Conversation
from conversations.notices import NOT_SENT, tell
from conversations.services import assignment, inbox_settings
from core import realtime
from core.scope import opened
from messaging.models import Media
from team.models import Member, Notification, Team
from team.services import teams
from tenants.enums import Role
from tenants.models import Company
from tests.conversations.conftest import Browser
from tests.conversations.factories import a_conversation, a_file
from tests.conversations.teams import a_team, an_agent
from tests.crm.factories import a_contact
from tests.messaging.factories import a_connection

SEES = {
    # of: all, teams, own
    "mine": (True, True, True),
    "colleague's, of my team": (True, True, False),
    "nobody's, of my team": (True, True, True),
    "colleague's, of no team": (True, False, False),
    "nobody's, of no team": (True, True, False),
    "nobody's, of another team": (True, False, False),
    "colleague's, of another team": (True, False, False),
    "mine, of another team": (True, True, True),
}


@pytest.fixture
def me(company: Company) -> Member:
    return an_agent("Ana", online=False)


@pytest.fixture
def colleague(company: Company) -> Member:
    return an_agent("Bia", online=False)


@pytest.fixture
def mine(me: Member) -> Team:
    return a_team(me, is_default=False, assigns_automatically=False)


@pytest.fixture
def talks(me: Member, colleague: Member, mine: Team) -> dict[str, Conversation]:
    other = a_team(colleague, name="Suporte", is_default=False, assigns_automatically=False)
    places = {
        "mine": (me, None),
        "colleague's, of my team": (colleague, mine),
        "nobody's, of my team": (None, mine),
        "colleague's, of no team": (colleague, None),
        "nobody's, of no team": (None, None),
        "nobody's, of another team": (None, other),
        "colleague's, of another team": (colleague, other),
        "mine, of another team": (me, other),
    }
    number = a_connection()
    found = {}
    for count, (name, (member, team)) in enumerate(places.items()):
        found[name] = talk = a_conversation(number, phone=f"55119876{count:05}")
        talk.assignee, talk.team = member, team
        talk.save(update_fields=["assignee", "team"])
    return found


def choose(**fields: Any) -> None:
    inbox_settings.change(actor="system", **fields)
    inbox_settings.forget_current()  # a test's transaction never commits


@pytest.mark.parametrize("sight", list(Sight))
def test_each_choice_shows_what_it_says(
    me: Member, talks: dict[str, Conversation], sight: Sight
) -> None:
    choose(agents_see=sight)
    wanted = {name for name, seen in SEES.items() if seen[list(Sight).index(sight)]}
    rows = set(visibility.conversations(me).values_list("pk", flat=True))
    assert {name for name, talk in talks.items() if talk.pk in rows} == wanted
    told = {name for name, talk in talks.items() if visibility.those_who_see(talk, [me])}
    assert told == wanted


def test_those_who_manage_and_programs_see_all(talks: dict[str, Conversation]) -> None:
    choose(agents_see=Sight.OWN, viewers_see=Sight.OWN)
    for member in (None, an_agent("Caio", online=False, role=Role.MANAGER)):
        assert visibility.conversations(member).count() == len(SEES)


def test_who_sees_it_not_is_told_nothing_of_it(
    me: Member, colleague: Member, talks: dict[str, Conversation]
) -> None:
    choose(agents_see=Sight.OWN)
    tell(NOT_SENT, talks["colleague's, of no team"], [me, colleague])
    assert [row.member_id for row in Notification.objects.all()] == [colleague.pk]


def test_a_file_is_as_hidden_as_its_message(me: Member, talks: dict[str, Conversation]) -> None:
    choose(agents_see=Sight.OWN)
    for name in ("mine", "colleague's, of no team"):
        a_file(talks[name], b"%PDF-1.4", "nota.pdf", "document")
    rows = visibility.files(me, Media.objects.all())
    shown = set(rows.values_list("pk", flat=True))
    expected = Media.objects.filter(messages__thread=talks["mine"].thread_id)
    assert shown == set(expected.values_list("pk", flat=True))


@pytest.fixture
def rechecked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Whose open pages are told to ask for their rights again."""
    told: list[Any] = []
    monkeypatch.setattr(
        realtime, "rights_changed", lambda company_id, member_id=None: told.append(member_id)
    )
    return told


def test_who_loses_sight_of_it_stops_hearing_of_it(
    me: Member, colleague: Member, talks: dict[str, Conversation], rechecked: list[Any]
) -> None:
    choose(agents_see=Sight.TEAMS)
    rechecked.clear()
    talk = talks["nobody's, of no team"]
    assignment.assign(conversation_id=talk.pk, member=colleague, actor="system")
    assert rechecked == [me.pk]


def test_another_place_in_a_team_asks_for_the_rights_again(
    me: Member, mine: Team, rechecked: list[Any]
) -> None:
    teams.update_team(team_id=mine.pk, members=[], actor="system")
    assert rechecked == []  # all see all
    choose(agents_see=Sight.TEAMS)
    rechecked.clear()
    teams.update_team(team_id=mine.pk, members=[me.pk], actor="system")
    teams.delete_team(team_id=mine.pk, actor="system")
    assert rechecked == [None, None]


def test_who_begins_a_conversation_that_they_would_not_see_has_it(
    browser_of: Callable[..., Browser], aurora: Company
) -> None:
    agent = browser_of(Role.AGENT)
    with opened(aurora):
        choose(agents_see=Sight.OWN)
        contact, number = a_contact(), a_connection()
    answer = agent.post("conversation-start", contact.pk, data={"connection": number.pk})
    assert answer.status_code == 302
    assert agent.client.get(answer.headers["Location"]).status_code == 200
    with opened(aurora):
        assert Conversation.objects.get().assignee.role == Role.AGENT
