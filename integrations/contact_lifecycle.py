"""What integrations hold of a person: who they are elsewhere, and what waits to be told there.

Erasing here forgets both; what the other system knows is asked of that system.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm import lifecycle
from crm.lifecycle import Erased, Participant
from integrations.models import ExternalId, Push


def register() -> None:
    """Called once, from AppConfig.ready()."""
    lifecycle.register(
        Participant(
            ExternalId,
            clash=["integration", "thing"],
            exported=["integration__provider", "thing", "external_id", "created_at"],
            erased=Erased.DELETED,
            label=_("Ids in other systems"),
            is_use=False,
        )
    )
    lifecycle.register(
        Participant(
            Push,
            exported=["integration__provider", "kind", "data", "state", "created_at"],
            erased=Erased.DELETED,
            label=_("Changes for other systems"),
            is_use=False,
        )
    )
