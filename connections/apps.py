from uuid import UUID

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConnectionsConfig(AppConfig):
    name = "connections"
    verbose_name = _("Connections")

    def ready(self) -> None:
        _register_due_work()
        _subscribe()
        _announce_trouble()
        _fill_shell()


def _register_due_work() -> None:
    from connections import agenda
    from connections.services import connections, states, tokens
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
    register(Kind(name=agenda.TOKEN, handle=lambda key: tokens.watch(UUID(key)), due=tokens.due))


def _subscribe() -> None:
    from connections import events, receivers
    from events.bus import subscribe

    for fact in (
        events.ConnectionConnected,
        events.ConnectionStopped,
        events.ConnectionPaused,
        events.ConnectionResumed,
        events.ConnectionReleased,
        events.ConnectionUpdated,
    ):
        subscribe(f"connections.show:{fact.type}", fact, receivers.show, mode="after_commit")
        subscribe(f"connections.history:{fact.type}", fact, receivers.keep_history, mode="inline")
    for name, told, handle in (
        ("connections.stopped", events.ConnectionStopped, receivers.on_stopped),
        ("connections.token_expiring", events.TokenExpiring, receivers.on_token_expiring),
        ("connections.updated", events.ConnectionUpdated, receivers.on_updated),
        ("connections.resumed", events.ConnectionResumed, receivers.on_mended),
        ("connections.released", events.ConnectionReleased, receivers.on_mended),
    ):
        subscribe(name, told, handle, mode="inline")


def _announce_trouble() -> None:
    from events import incidents
    from team import notifications

    stopped = _("The number %(name)s needs attention: nothing is sent until it is mended.")
    expiring = _("The access token of %(name)s ends on %(date)s. Then nothing is sent any more.")
    for code, label, text, icon, tone, advice in (
        (
            "connection.stopped",
            _("A number stopped"),
            stopped,
            "plug-zap",
            "danger",
            _("Open the number: it says why the provider refuses it and what to do."),
        ),
        (
            "connection.token_expiring",
            _("An access token ends soon"),
            expiring,
            "key-round",
            "warning",
            _("Create a new token at the provider and save it in the connection before that."),
        ),
    ):
        notifications.register(
            notifications.Kind(
                code,
                text,
                icon,
                label,
                tone,
                permission="connections.manage",
                area=_("Connections"),
            )
        )
        incidents.register(incidents.Kind(code, text, advice, icon, tone))


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
