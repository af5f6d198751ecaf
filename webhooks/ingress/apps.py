from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IngressConfig(AppConfig):
    name = "webhooks.ingress"
    verbose_name = _("Webhook ingress")

    def ready(self) -> None:
        from core import agenda, health, schedules
        from events import incidents
        from webhooks.ingress.agenda import CALM, FORGET, SPLIT
        from webhooks.ingress.services import (
            admission,
            envelopes,
            forgetting,
            keeping,
            spool,
            troubles,
        )

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
        agenda.register(agenda.Kind(name=CALM, handle=admission.calm, due=admission.due))
        incidents.register(
            incidents.Kind(
                code=admission.KIND,
                text=_("%(provider)s posts more than %(rate)s times a second to one address."),
                advice=_(
                    "What is above that is asked to come again, and comes later. Look at the "
                    "sender: does it repeat itself?"
                ),
                icon="gauge",
                tone="warning",
            )
        )
        agenda.Chore("ingress.troubles", troubles.look, every_seconds=30.0).register()
        agenda.Chore("ingress.drain", keeping.drain, every_seconds=1.0).register()
        health.watch("spool", spool.count)
        health.watch("spool_corrupt", lambda: len(spool.corrupt()))
        task = "ingress.forget_old"
        schedules.register(schedules.Schedule(name=task, task=task, every_seconds=86_400))
