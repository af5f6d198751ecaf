"""What the pages of one automation share: its name, its state, its menu, the tabs."""

from __future__ import annotations

from typing import Any

from webhooks.automations.enums import LIVE
from webhooks.automations.models import Automation

TABS = ("flow", "runs", "misses", "tries", "versions")


def frame(automation: Automation, tab: str) -> dict[str, Any]:
    """The context of `automations/page.html`."""
    return {"automation": automation, "at": standing_at(tab), "row": row_of(automation)}


def standing_at(tab: str) -> dict[str, bool]:
    """Which of the tabs is shown."""
    return {name: name == tab for name in TABS}


def row_of(automation: Automation) -> dict[str, Any]:
    """What its menu and its switch need to know."""
    waiting = automation.runs.filter(state__in=LIVE).count()
    return {"automation": automation, "waiting": waiting}
