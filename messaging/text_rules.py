"""What is refused of a template of ours for SMS: it needs nobody's approval, only to be a text."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from messaging.template_drafts import Draft
from messaging.template_parts import placeholders
from messaging.templates_rules import Problem, of_braces, of_identity, of_names

TEXT_LIMIT = 1600  # Twilio, "Message resource": Body


def problems(draft: Draft) -> Iterator[Problem]:
    """Everything wrong with a draft, by the same fields as `templates_rules.problems`."""
    yield from of_identity(draft)
    if draft.header:
        yield "header", "unsupported", _("An SMS has no header.")
    if draft.buttons:
        yield "buttons", "unsupported", _("An SMS has no buttons.")
    if not draft.body.strip():
        yield "body", "required", _("Write the message.")
    if placeholders(draft.footer):
        yield "footer", "variables", _("The footer takes no variables.")
    if len(draft.body) + len(draft.footer) > TEXT_LIMIT:
        yield "body", "too_long", _("An SMS has at most 1,600 characters.")
    yield from of_braces("body", draft.body)
    yield from of_braces("footer", draft.footer)
    yield from of_names(draft)
