"""The rules of a template by the channel that it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.errors import FieldError, Invalid
from crm.enums import Channel
from messaging import templates_rules, text_rules
from messaging.template_drafts import Draft
from messaging.templates_rules import Problem

_RULES: dict[str, Callable[[Draft], Iterator[Problem]]] = {
    Channel.WHATSAPP: templates_rules.problems,
    Channel.SMS: text_rules.problems,
}


def problems(draft: Draft, channel: str) -> Iterator[Problem]:
    """Everything wrong with a draft on its channel: field, code, sentence."""
    return _RULES[channel](draft)


def ensure_acceptable(draft: Draft, channel: str) -> None:
    """Raise `core.errors.Invalid` that names every field that would be refused."""
    errors: dict[str, list[FieldError]] = {}
    for name, code, sentence in problems(draft, channel):
        errors.setdefault(name, []).append(FieldError(code, sentence))
    if errors:
        raise Invalid(errors)
