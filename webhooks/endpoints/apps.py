from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EndpointsConfig(AppConfig):
    name = "webhooks.endpoints"
    verbose_name = _("Endpoints")

    def ready(self) -> None:
        from core import agenda, topics
        from events import bus, incidents
        from team import notifications
        from tenants.permissions import allows
        from webhooks.endpoints import contact_lifecycle, notices, retention, undelivered
        from webhooks.endpoints.agenda import REDRIVE, SEND, under_way, unsent
        from webhooks.endpoints.services import queueing, recording, redriving, sending

        bus.listen(queueing.SUBSCRIBER, queueing.queue)
        agenda.register(
            agenda.Kind(name=SEND, handle=sending.send_due, due=unsent, is_exclusive=True)
        )
        agenda.register(
            agenda.Kind(
                name=REDRIVE, handle=redriving.run, due=under_way, queue="bulk", is_exclusive=True
            )
        )
        for kind in notices.KINDS:
            notifications.register(kind)
        for incident in notices.INCIDENTS:
            incidents.register(incident)
        topics.register(recording.TOPIC, lambda member, _id: allows(member.role, "webhooks.view"))
        retention.register()
        contact_lifecycle.register()
        undelivered.register()
