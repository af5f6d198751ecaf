"""Teams are looked after: what waits finds somebody, and who waits too long is told of."""

from datetime import timedelta

from django.utils import timezone

from conversations.enums import ConversationStatus
from conversations.models import Conversation
from conversations.services import watching
from core.models import AgendaRow
from team.models import Notification
from team.services import teams
from tenants.models import Company
from tests.conversations.teams import Make, a_team, an_agent, come


def test_a_team_is_told_once_of_who_waits_too_long(begin: Make) -> None:
    ana, bia = an_agent("Ana"), an_agent("Bia")
    team = a_team(ana, assigns_automatically=False, alert_after_minutes=10)
    late, _fresh = begin(), begin()
    wait(late, timedelta(minutes=11))
    assert [watching.alert(team_id=team.pk) for _ in range(2)] == [1, 0]
    [notice] = Notification.objects.all()
    assert (notice.member, notice.code) == (ana, "conversation.waiting")
    assert notice.data == {"name": "Ana Souza", "minutes": 10}
    # Answered meanwhile, and waiting anew: told anew.
    Conversation.objects.filter(pk=late.pk).update(alerted_at=timezone.now() - timedelta(hours=1))
    wait(late, timedelta(minutes=12))
    assert watching.alert(team_id=team.pk) == 1
    assert not Notification.objects.filter(member=bia).exists()


def test_nobody_is_told_of_what_was_put_away(begin: Make) -> None:
    team = a_team(an_agent("Ana"), assigns_automatically=False, alert_after_minutes=10)
    late = begin()
    wait(late, timedelta(hours=1))
    Conversation.objects.filter(pk=late.pk).update(status=ConversationStatus.PENDING)
    assert watching.alert(team_id=team.pk) == 0


def test_a_team_that_asks_for_it_is_looked_after(company: Company) -> None:
    idle = a_team(assigns_automatically=False, is_default=False)
    assert (watching.due(None), AgendaRow.objects.filter(key=str(idle.pk)).exists()) == ([], False)
    teams.update_team(team_id=idle.pk, alert_after_minutes=5, actor="system")
    assert AgendaRow.objects.filter(kind="conversations.watch_team", key=str(idle.pk)).exists()
    [(key, at)] = watching.due(str(idle.pk))
    assert key == str(idle.pk)
    assert timezone.now() < at <= timezone.now() + watching.EVERY


def test_what_waited_finds_who_comes(begin: Make) -> None:
    ana = an_agent("Ana", online=False)
    team = a_team(ana)
    waiting = [begin(), begin()]
    watching.watch(team_id=team.pk)
    assert not Conversation.objects.exclude(assignee=None).exists()
    come(ana)
    watching.watch(team_id=team.pk)
    assert set(Conversation.objects.filter(assignee=ana)) == set(waiting)


def wait(conversation: Conversation, time: timedelta) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(waiting_since=timezone.now() - time)
