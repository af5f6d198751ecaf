"""What the sending rules announce at start-up: runs that ran out of money, the settings page."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from core import agenda
from core.agenda import Kind
from messaging.agenda import OVERSPENT
from messaging.services import overspending
from team import settings_nav


def register() -> None:
    """Called once, from AppConfig.ready()."""
    agenda.register(Kind(OVERSPENT, _pause_spent, overspending.due, queue="sending"))
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
