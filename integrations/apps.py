from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationsConfig(AppConfig):
    name = "integrations"
    verbose_name = _("Integrations")

    def ready(self) -> None:
        from integrations import automation_actions, contact_lifecycle, retention

        automation_actions.register_all()
        contact_lifecycle.register()
        retention.register()
        _register_due_work()
        _announce_trouble()
        _fill_shell()


def _register_due_work() -> None:
    from core.agenda import Kind, register
    from events import bus
    from integrations import agenda, receivers
    from integrations.services import connecting, pushing, syncing

    register(Kind(name=agenda.PUSH, handle=pushing.run, due=pushing.due, is_exclusive=True))
    register(
        Kind(name=agenda.SYNC, handle=syncing.run, due=syncing.due, queue="bulk", is_exclusive=True)
    )
    bus.listen(connecting.SUBSCRIBER, receivers.on_event)


def _announce_trouble() -> None:
    from events import incidents
    from integrations.services.states import STOPPED
    from team import notifications

    text = _("%(name)s refuses us: nothing is sent there until somebody connects it again.")
    advice = _("Open the integration and connect it again. What waits is sent then.")
    notifications.register(
        notifications.Kind(
            STOPPED,
            text,
            "unplug",
            _("An integration stopped"),
            "danger",
            permission="integrations.manage",
        )
    )
    incidents.register(incidents.Kind(STOPPED, text, advice, "unplug", "danger"))


def _fill_shell() -> None:
    from core import navigation, topics
    from events import actors
    from integrations import selectors
    from integrations.services.states import TOPIC
    from tenants.permissions import allows

    navigation.add_entry(
        navigation.Entry(
            label=_("Integrations"),
            url_name="integrations",
            icon="blocks",
            permission="integrations.view",
            order=80,
        )
    )
    actors.add_kind("integration", selectors.names)
    topics.register(TOPIC, lambda member, _id: allows(member.role, "integrations.view"))
