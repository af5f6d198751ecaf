from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    name = "webhooks"
    verbose_name = _("Webhooks")

    def ready(self) -> None:
        from webhooks import contact_lifecycle, dead_items, retention

        _register_due_work()
        _subscribe()
        retention.register()
        contact_lifecycle.register()
        dead_items.register()
        _fill_shell()


def _register_due_work() -> None:
    from core import agenda
    from webhooks.agenda import PROCESS
    from webhooks.services import inbox, processing

    agenda.register(
        agenda.Kind(
            name=PROCESS,
            handle=processing.process,
            due=inbox.due,
            queue="inbound",
            is_exclusive=True,
        )
    )


def _subscribe() -> None:
    from connections.events import ConnectionConnected
    from events.bus import subscribe
    from events.events import LettersQuarantined
    from team import notifications
    from webhooks import receivers

    subscribe("webhooks.replay_parked", ConnectionConnected, receivers.replay_parked, mode="inline")
    subscribe(
        "webhooks.tell_quarantined", LettersQuarantined, receivers.tell_quarantined, mode="inline"
    )
    notifications.register(
        notifications.Kind(
            code=LettersQuarantined.type,
            text=_("Some work was given up after several tries: %(box)s."),
            icon="mail-x",
            label=_("Work was given up"),
            tone="danger",
            permission="events.manage",
            area=_("Webhooks"),
        )
    )


def _fill_shell() -> None:
    from core import navigation

    navigation.add_entry(
        navigation.Entry(
            label=_("Webhooks"),
            url_name="webhooks",
            icon="webhook",
            permission="webhooks.view",
            order=65,
            section="webhooks",
        )
    )
    section = "webhooks"
    for tab in (
        navigation.Tab("overview", _("Overview"), "webhooks", "webhooks.view", 0),
        navigation.Tab("endpoints", _("Endpoints"), "endpoint-list", "webhooks.view", 20),
        navigation.Tab("received", _("Received items"), "received-items", "webhooks.view", 40),
    ):
        navigation.add_tab(section, tab)
