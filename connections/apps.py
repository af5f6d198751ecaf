from uuid import UUID

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConnectionsConfig(AppConfig):
    name = "connections"
    verbose_name = _("Connections")

    def ready(self) -> None:
        _register_due_work()
        _subscribe()
        _fill_shell()


def _register_due_work() -> None:
    from connections import agenda
    from connections.services import connections, states
    from core.agenda import Kind, register

    register(
        Kind(
            name=agenda.RESUME,
            handle=lambda key: states.resume_due(UUID(key)),
            due=agenda.throttled,
        )
    )
    register(
        Kind(
            name=agenda.CHECK,
            handle=lambda key: connections.check_due(UUID(key)),
            due=agenda.to_check,
        )
    )


def _subscribe() -> None:
    from connections import events, receivers
    from events.bus import subscribe
    from team import notifications

    for fact in (
        events.ConnectionConnected,
        events.ConnectionStopped,
        events.ConnectionPaused,
        events.ConnectionResumed,
        events.ConnectionReleased,
        events.ConnectionUpdated,
    ):
        subscribe(f"connections.show:{fact.type}", fact, receivers.show, mode="after_commit")
    subscribe(
        "connections.tell_administrators",
        events.ConnectionStopped,
        receivers.tell_administrators,
        mode="inline",
    )
    notifications.register(
        notifications.Kind(
            "connection.stopped",
            _("The number %(name)s needs attention: nothing is sent until it is mended."),
            "plug-zap",
            "danger",
        )
    )


def _fill_shell() -> None:
    from connections.selectors import has_connection
    from core import navigation, topics
    from tenants.permissions import allows

    navigation.add_entry(
        navigation.Entry(
            label=_("Connections"),
            url_name="connections",
            icon="plug",
            permission="connections.view",
            order=60,
        )
    )
    navigation.add_step(
        navigation.Step(
            title=_("Connect your WhatsApp number"),
            why=_("Messages leave and arrive through a number of yours at the WhatsApp Cloud API."),
            action=_("Connect"),
            url_name="connection-new",
            icon="plug",
            permission="connections.manage",
            order=10,
            is_done=has_connection,
        )
    )
    topics.register("connections", lambda member, _id: allows(member.role, "connections.view"))
