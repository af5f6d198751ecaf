from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = _("Events")

    def ready(self) -> None:
        from core import agenda
        from events import deliveries, retention
        from events.bus import DELIVER

        agenda.register(agenda.Kind(name=DELIVER, handle=deliveries.deliver, due=deliveries.due))
        retention.register()
