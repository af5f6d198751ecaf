from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    name = "webhooks"
    verbose_name = _("Webhooks")

    def ready(self) -> None:
        from connections.events import ConnectionConnected
        from core import agenda, navigation
        from events import bus
        from webhooks import contact_lifecycle, receivers, retention
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
        retention.register()
        contact_lifecycle.register()
        bus.subscribe(
            "webhooks.replay_parked", ConnectionConnected, receivers.replay_parked, mode="inline"
        )
        navigation.add_entry(
            navigation.Entry(
                label=_("Received items"),
                url_name="webhooks",
                icon="webhook",
                permission="webhooks.view",
                order=90,
                footer=True,
            )
        )
