from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IngressConfig(AppConfig):
    name = "webhooks.ingress"
    verbose_name = _("Webhook ingress")

    def ready(self) -> None:
        from core import agenda, health, schedules
        from webhooks.ingress.agenda import FORGET, SPLIT
        from webhooks.ingress.services import envelopes, forgetting, keeping, spool

        agenda.register(
            agenda.Kind(
                name=SPLIT,
                handle=envelopes.split,
                due=envelopes.due,
                queue="inbound",
                is_exclusive=True,
            )
        )
        agenda.register(
            agenda.Kind(
                name=FORGET,
                handle=forgetting.forget_old,
                due=forgetting.due,
                queue="bulk",
                is_exclusive=True,
            )
        )
        agenda.Chore("ingress.drain", keeping.drain, every_seconds=1.0).register()
        health.watch("spool", spool.count)
        health.watch("spool_corrupt", lambda: len(spool.corrupt()))
        task = "ingress.forget_old"
        schedules.register(schedules.Schedule(name=task, task=task, every_seconds=86_400))
