"""What a page sends back: the definition in its hidden field."""

from __future__ import annotations

import json

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from webhooks.automations import definition as definitions
from webhooks.automations.definition import Definition


def read(text: str) -> Definition:
    """The definition that a page holds, complete or not.

    Raises:
        core.errors.Invalid: it is none, as when somebody changed it by hand.
    """
    try:
        return definitions.shaped(json.loads(text))
    except (Invalid, ValueError, RecursionError):
        message = _("This page is broken. Reload it; what you saved is still there.")
        raise Invalid({"definition": message}, message=message) from None


def written(definition: Definition) -> str:
    """A definition as the hidden field holds it."""
    return json.dumps(definition, ensure_ascii=False, separators=(",", ":"))
