"""What the sending rules announce at start-up: a new company's first rules, runs that ran out of
money, the settings page."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from core import agenda
from core.agenda import Kind
from messaging.agenda import OVERSPENT
from messaging.services import overspending, policies
from team import settings_nav
from tenants.signals import company_created


def register() -> None:
    """Called once, from AppConfig.ready()."""
    agenda.register(Kind(OVERSPENT, _pause_spent, overspending.due, queue="sending"))
    company_created.connect(_start, dispatch_uid="messaging.sending_policy")
    settings_nav.add(
        settings_nav.Entry(
            label=_("Sending rules"),
            url_name="sending-policy",
            icon="shield-check",
            permission="company.manage",
            order=25,
        )
    )


def _pause_spent(key: str) -> None:
    overspending.pause_spent(stream_id=UUID(key))


def _start(*, is_demo: bool, **_signal: Any) -> None:
    """The demo sends at any hour, so that it can be tried at night and on Sundays."""
    if not is_demo:
        policies.start()
