from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SourcesConfig(AppConfig):
    name = "webhooks.sources"
    verbose_name = _("Sources")

    def ready(self) -> None:
        from core import agenda, navigation, topics
        from tenants.permissions import allows
        from webhooks.ingress import takers
        from webhooks.sources import contact_lifecycle, logged, retention
        from webhooks.sources.agenda import PROCESS, REREAD
        from webhooks.sources.hints import TOPIC
        from webhooks.sources.posts import PROVIDER
        from webhooks.sources.services import intake, processing, rereading

        agenda.register(
            agenda.Kind(
                name=PROCESS,
                handle=processing.process,
                due=intake.due,
                queue="inbound",
                is_exclusive=True,
            )
        )
        agenda.register(
            agenda.Kind(
                name=REREAD,
                handle=rereading.run,
                due=rereading.due,
                queue="bulk",
                is_exclusive=True,
            )
        )
        takers.register(PROVIDER, intake.take)
        topics.register(TOPIC, lambda member, _id: allows(member.role, "webhooks.view"))
        navigation.add_tab(
            "webhooks",
            navigation.Tab("sources", _("Sources"), "source-list", "webhooks.view", 10),
        )
        retention.register()
        contact_lifecycle.register()
        logged.register()
