from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

HOUR, DAY = 3600, 86_400


class TenantsConfig(AppConfig):
    name = "tenants"
    verbose_name = _("Companies and people")

    def ready(self) -> None:
        from allauth.account.signals import email_changed
        from celery.signals import beat_init

        from core import schedules, scope
        from tenants.selectors import company_by_id

        scope.set_resolver(company_by_id)
        email_changed.connect(_tell_companies, dispatch_uid="tenants.email_changed")
        beat_init.connect(_write_schedules, weak=False, dispatch_uid="tenants.schedules")
        for name, every in (("prune_idempotency_keys", HOUR), ("prune_sessions", DAY)):
            task = f"tenants.{name}"
            schedules.register(schedules.Schedule(name=task, task=task, every_seconds=every))


def _tell_companies(user: Any, **kwargs: Any) -> None:
    from tenants.services import memberships

    memberships.resync(person=user)


def _write_schedules(**kwargs: Any) -> None:
    from core import schedules

    schedules.sync()
