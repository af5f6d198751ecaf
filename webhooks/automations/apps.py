from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AutomationsConfig(AppConfig):
    name = "webhooks.automations"
    verbose_name = _("Automations")

    def ready(self) -> None:
        from events import bus
        from webhooks.automations import (
            contact_lifecycle,
            failed_runs,
            notices,
            receivers,
            retention,
            shell,
        )
        from webhooks.automations.services.automations import SUBSCRIBER

        self._announce_parts()
        bus.listen(SUBSCRIBER, receivers.on_event, handle_all=receivers.on_events)
        notices.register()
        failed_runs.register()
        contact_lifecycle.register()
        retention.register()
        self._announce_due_work()
        shell.register()

    def _announce_parts(self) -> None:
        from webhooks.automations.actions import calling, contacts, sending, team, waiting
        from webhooks.automations.conditions import standard
        from webhooks.automations.triggers import facts, times

        for part in (facts, times, standard, sending, contacts, team, calling, waiting):
            part.register_all()

    def _announce_due_work(self) -> None:
        from core import agenda
        from webhooks.automations.agenda import CLOCK, DRY_RUN, RUN
        from webhooks.automations.services import clock, dry_runs, running

        agenda.register(agenda.Kind(name=RUN, handle=running.run_due, due=running.due))
        agenda.register(agenda.Kind(name=CLOCK, handle=clock.tick, due=clock.due))
        agenda.register(
            agenda.Kind(
                name=DRY_RUN,
                handle=dry_runs.go_on,
                due=dry_runs.due,
                queue="bulk",
                is_exclusive=True,
            )
        )
