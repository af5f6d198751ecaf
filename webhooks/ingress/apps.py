from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IngressConfig(AppConfig):
    name = "webhooks.ingress"
    verbose_name = _("Webhook ingress")

    def ready(self) -> None:
        from core import agenda
        from webhooks.ingress.agenda import SPLIT
        from webhooks.ingress.services import envelopes

        agenda.register(
            agenda.Kind(
                name=SPLIT,
                handle=envelopes.split,
                due=envelopes.due,
                queue="inbound",
                is_exclusive=True,
            )
        )
