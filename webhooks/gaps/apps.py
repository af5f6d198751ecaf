from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GapsConfig(AppConfig):
    name = "webhooks.gaps"
    verbose_name = _("Gaps")

    def ready(self) -> None:
        from connections.events import ConnectionConnected
        from core import agenda, schedules
        from events.bus import subscribe
        from webhooks.gaps.agenda import LOOK
        from webhooks.gaps.services import looking

        agenda.register(
            agenda.Kind(
                name=LOOK, handle=looking.run, due=looking.due, queue="bulk", is_exclusive=True
            )
        )
        subscribe("gaps.begin", ConnectionConnected, lambda _event: looking.begin(), mode="inline")
        # For companies that were there before, and those whose first address is a source.
        task = "gaps.begin"
        schedules.register(schedules.Schedule(name=task, task=task, every_seconds=3_600))
        _announce_trouble()


def _announce_trouble() -> None:
    from events import incidents
    from team import notifications
    from webhooks.gaps.services.looking import INCIDENTS, NO_MESSAGES, NO_STATUS, SILENT

    silent = _(
        "%(name)s is connected but silent: %(seen)s in the last %(hours)s hours, where "
        "%(expected)s are usual. Nothing since %(since)s."
    )
    no_messages = _(
        "No messages arrive at %(name)s: %(seen)s in the last %(hours)s hours, where "
        "%(expected)s are usual. The last came before %(since)s."
    )
    no_status = _(
        "%(name)s sends, but the provider tells nothing of it: %(sent)s messages since "
        "%(since)s have no status."
    )
    where = _(
        "Check at the provider that it still posts to our address, that the subscription is on "
        "and that its secret is the one stored here. It ends by itself when something arrives."
    )
    fields = _(
        "Check at the provider that our address is subscribed to messages, not only to statuses. "
        "It ends by itself when a message arrives."
    )
    for cause, text, label, advice in (
        (SILENT, silent, _("Connected but silent"), where),
        (NO_MESSAGES, no_messages, _("Messages stopped arriving"), fields),
        (NO_STATUS, no_status, _("Statuses stopped arriving"), where),
    ):
        code = INCIDENTS[cause]
        incidents.register(incidents.Kind(code, text, advice, "ear-off"))
        notifications.register(
            notifications.Kind(
                code, text, "ear-off", label, "danger", permission="connections.manage"
            )
        )
