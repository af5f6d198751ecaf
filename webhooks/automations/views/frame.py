"""What the pages of one automation share: its name, its state, its menu, the tabs."""

from __future__ import annotations

from typing import Any

from webhooks.automations.enums import LIVE
from webhooks.automations.models import Automation


def frame(automation: Automation, tab: str) -> dict[str, Any]:
    """The context of `automations/page.html`."""
    return {"automation": automation, "tab": tab, "row": row_of(automation)}


def row_of(automation: Automation) -> dict[str, Any]:
    """What its menu and its switch need to know."""
    waiting = automation.runs.filter(state__in=LIVE).count()
    return {"automation": automation, "waiting": waiting}
