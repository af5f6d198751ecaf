"""Whether an event starts a definition."""

from __future__ import annotations

from webhooks.automations.compiled import Answer, Compiled
from webhooks.automations.scene import Scene
from webhooks.automations.words import CONDITIONS

ANOTHER = "another"  # of an event that was never meant


def misfit(plan: Compiled, scene: Scene) -> str:
    """Why it starts nothing, as a code of `words.MISSES`; empty if it does."""
    trigger = plan.trigger
    if trigger is None:
        return "step_unknown"
    if trigger.needs_contact and scene.contact_id is None:
        return "no_contact"
    code = trigger.fits(plan.params, scene)
    if code:
        return code
    return "" if plan.conditions.holds(scene) else CONDITIONS


def verdict(plan: Compiled, scene: Scene) -> tuple[str, Answer]:
    """The same with what was asked."""
    code = misfit(plan, scene)
    was_asked = code in ("", CONDITIONS)
    return code, plan.conditions.ask(scene) if was_asked else Answer(False, [])
