"""Looking after teams: what waits finds somebody, and who waits too long is told of."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from conversations.agenda import WATCH_TEAM
from conversations.enums import ConversationStatus
from conversations.models import Conversation
from conversations.notices import WAITING, tell
from conversations.services import routing
from core import agenda
from team.models import Team
from team.selectors import active_members

EVERY = timedelta(seconds=30)
BATCH = 50
_WATCHED = Q(assigns_automatically=True) | Q(alert_after_minutes__isnull=False)


def begin(*, team_id: UUID) -> None:
    """The team may need looking after from now on; call it in the transaction of that change."""
    if Team.objects.filter(_WATCHED, pk=team_id).exists():
        agenda.append(WATCH_TEAM, str(team_id))


def watch(*, team_id: UUID) -> None:
    """The handler of due work: once every half minute for each team that asks for it."""
    routing.give_waiting(team_id=team_id)
    alert(team_id=team_id)


def due(key: str | None) -> list[tuple[str, datetime]]:
    """Teams that are looked after, each at the next full half minute: at the same moment whoever
    asks, so that rows for one team fold into one."""
    rows = Team.objects.filter(_WATCHED)
    if key is not None:
        rows = rows.filter(pk=key)
    seconds = EVERY.total_seconds()
    moment = datetime.fromtimestamp((timezone.now().timestamp() // seconds + 1) * seconds, UTC)
    return [(str(pk), moment) for pk in rows.values_list("pk", flat=True)]


@transaction.atomic
def alert(*, team_id: UUID) -> int:
    """Tell a team's members of customers who wait too long, once for each time they wait."""
    team = Team.objects.filter(pk=team_id, alert_after_minutes__isnull=False).first()
    if team is None or team.alert_after_minutes is None:
        return 0
    now = timezone.now()
    rows = Conversation.objects.filter(
        Q(alerted_at=None) | Q(alerted_at__lt=F("waiting_since")),
        team=team,
        status=ConversationStatus.OPEN,
        waiting_since__lte=now - timedelta(minutes=team.alert_after_minutes),
    )
    late = list(
        rows.select_for_update(of=("self",), skip_locked=True)
        .select_related("contact", "thread")
        .order_by("waiting_since", "pk")[:BATCH]
    )
    members = list(active_members().filter(teams=team))
    for conversation in late:
        tell(WAITING, conversation, members, minutes=team.alert_after_minutes)
    Conversation.objects.filter(pk__in=[row.pk for row in late]).update(alerted_at=now)
    return len(late)
