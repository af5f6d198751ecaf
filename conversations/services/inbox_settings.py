"""How a company works in its inbox: who sees what, and what customers see of us."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from conversations.enums import Sight
from conversations.events import InboxSettingsChanged
from conversations.models import InboxSettings
from core import realtime, scope
from core.cache import MEDIUM, CacheKey, company_key, forget, remember
from core.errors import Invalid
from events import bus

LONGEST_PROMISE = 7 * 24 * 60  # minutes
LONGEST_PAUSE = 365  # days
MAX_QUESTION = 500


def stored() -> InboxSettings:
    """The company's settings as they are in the database; the usual ones when it has none."""
    return InboxSettings.objects.first() or InboxSettings()


def current() -> InboxSettings:
    """The same, remembered: every door of the inbox asks for them."""
    return remember(_key(), MEDIUM, stored)


@transaction.atomic
def change(*, actor: str, **given: Any) -> InboxSettings:
    """Change what is given; the rest stays.

    Args:
        given: `agents_see` and `viewers_see`, of conversations.enums.Sight; `tells_reading`;
            `first_reply_minutes` and `next_reply_minutes` of business hours, None: no promise;
            `asks_rating`, `asks_rating_in_bulk`, `asks_rating_comment`, `rating_question` (empty:
            the usual one), `rating_every_days`.

    Raises:
        core.errors.Invalid: a value that is none of the choices, or out of its bounds.
    """
    _check(given)
    InboxSettings.objects.get_or_create(pk=1)
    settings = InboxSettings.objects.select_for_update().get(pk=1)
    changed = [name for name, value in given.items() if value != getattr(settings, name)]
    for name in changed:
        setattr(settings, name, given[name])
    if changed:
        settings.save(update_fields=changed)
        bus.publish(InboxSettingsChanged(changed=changed), actor=actor)
        transaction.on_commit(partial(forget, _key()))
        realtime.rights_changed(scope.required_company_id())
    return settings


def forget_current() -> None:
    """Have the next one who asks read the settings anew."""
    forget(_key())


def _check(given: dict[str, Any]) -> None:
    choose = _("Choose which conversations they see.")
    wrong: dict[str, Any] = {
        name: choose
        for name in ("agents_see", "viewers_see")
        if name in given and given[name] not in Sight.values
    }
    wrong |= {
        name: _("Choose between one minute and seven days.")
        for name in ("first_reply_minutes", "next_reply_minutes")
        if given.get(name) is not None and not 1 <= given[name] <= LONGEST_PROMISE
    }
    if not 1 <= given.get("rating_every_days", 1) <= LONGEST_PAUSE:
        wrong["rating_every_days"] = _("Choose between one day and a year.")
    if len(given.get("rating_question", "")) > MAX_QUESTION:
        wrong["rating_question"] = _("A question has at most 500 characters.")
    if wrong:
        raise Invalid(wrong)


def _key() -> CacheKey:
    return company_key("inbox-settings")
