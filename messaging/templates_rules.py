"""What the provider would refuse of a template is refused here first, with the reason.

Source: Meta, "Message templates" (limits, creation errors 2388040, 2388047, 2388073, 2388293,
2388299).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from messaging.enums import TemplateCategory
from messaging.languages import LANGUAGES
from messaging.template_drafts import (
    COPY_CODE,
    NAMED,
    PHONE_NUMBER,
    QUICK_REPLY,
    URL,
    Button,
    Draft,
    variable_names,
)
from messaging.template_parts import PLACEHOLDER, placeholders

HEADER_LIMIT = FOOTER_LIMIT = 60
BODY_LIMIT = 1024
MOST_BUTTONS = 10
LABEL_LIMIT = 25
URL_LIMIT = 2000
CODE_LIMIT = 15
MOST_OF_TYPE = {URL: 2, PHONE_NUMBER: 1, COPY_CODE: 1}

_NAME = re.compile(r"[a-z0-9_]{1,512}")
_VARIABLE = re.compile(r"[a-z][a-z0-9_]*")
_BRACES = re.compile(r"\{\{|\}\}")
_AT_THE_EDGE = re.compile(r"^\s*\{\{[^{}]+\}\}|\{\{[^{}]+\}\}[\s.!?,;:]*$")
_ADJACENT = re.compile(r"\}\}\s*\{\{")
_FORMATTING = re.compile(r"[\n\r*_~`]")
_EMOJI = re.compile(
    "[\u231a\u231b\u23e9-\u23fa\u25fd\u25fe\u2600-\u27bf\u2b1b\u2b1c\u2b50\u2b55\ufe0f"
    "\U0001f000-\U0001faff]"
)
_PHONE = re.compile(r"\+?[1-9]\d{7,14}")
_ADDRESS = re.compile(r"https?://[^\s{}]+\.[^\s{}]+(\{\{1\}\})?")

Problem = tuple[str, str, str | Promise]  # field, code, sentence


def problems(draft: Draft) -> Iterator[Problem]:
    """Everything wrong with a draft; fields are those of Draft, `variables.<name>` for an example
    and `buttons.<index>` for a button."""
    yield from of_identity(draft)
    yield from _of_header(draft.header)
    yield from _of_body(draft.body)
    yield from _of_footer(draft.footer)
    yield from of_names(draft)
    yield from _of_examples(draft)
    yield from _of_buttons(draft)


def of_identity(draft: Draft) -> Iterator[Problem]:
    """Name, language and category, on every channel."""
    if not _NAME.fullmatch(draft.name):
        yield "name", "name_pattern", _("Only lowercase letters without accents, digits and _.")
    if draft.language not in LANGUAGES:
        yield "language", "language_unknown", _("Choose a language of the list.")
    if draft.category == TemplateCategory.AUTHENTICATION:
        sentence = _("One-time codes are created in WhatsApp Manager; sync them afterwards.")
        yield "category", "category_elsewhere", sentence
    elif draft.category not in TemplateCategory.values:
        yield "category", "category_unknown", _("Choose a category.")


def _of_header(text: str) -> Iterator[Problem]:
    if len(text) > HEADER_LIMIT:
        yield "header", "too_long", _("The header has at most 60 characters.")
    if _FORMATTING.search(PLACEHOLDER.sub("", text)):
        yield (
            "header",
            "formatting",
            _("The header takes no new lines and no formatting (* _ ~ `)."),
        )
    if _EMOJI.search(text):
        yield "header", "emoji", _("The header takes no emoji.")
    if len(placeholders(text)) > 1:
        yield "header", "too_many_variables", _("The header takes one variable.")
    yield from of_braces("header", text)


def _of_body(text: str) -> Iterator[Problem]:
    if not text.strip():
        yield "body", "required", _("Write the message.")
        return
    if len(text) > BODY_LIMIT:
        yield "body", "too_long", _("The text has at most 1,024 characters.")
    yield from of_braces("body", text)
    names = placeholders(text)
    if not names:
        return
    if _AT_THE_EDGE.search(text):
        sentence = _("The text cannot start or end with a variable: add words around it.")
        yield "body", "variable_at_edge", sentence
    if _ADJACENT.search(text):
        yield "body", "variables_adjacent", _("Put words between two variables.")
    words = [word for word in PLACEHOLDER.sub(" ", text).split() if any(map(str.isalnum, word))]
    if len(words) < 2 * len(names) + 1:
        sentence = _("There are too many variables for so little text: write more around them.")
        yield "body", "too_many_variables", sentence


def _of_footer(text: str) -> Iterator[Problem]:
    if len(text) > FOOTER_LIMIT:
        yield "footer", "too_long", _("The footer has at most 60 characters.")
    if "\n" in text:
        yield "footer", "formatting", _("The footer takes no new lines.")
    if placeholders(text):
        yield "footer", "variables", _("The footer takes no variables.")
    yield from of_braces("footer", text)


def of_braces(name: str, text: str) -> Iterator[Problem]:
    """Braces that form no variable are a mistyped one."""
    if _BRACES.search(PLACEHOLDER.sub("", text)):
        sentence = _("A variable is written {{name}}: lowercase letters, digits and _ only.")
        yield name, "variable_malformed", sentence


def of_names(draft: Draft) -> Iterator[Problem]:
    """How its variables are called, on every channel."""
    written = [*placeholders(draft.header), *placeholders(draft.body)]
    if draft.parameter_format == NAMED:
        for name in dict.fromkeys(written):
            if name.isdecimal():
                yield "body", "variables_mixed", _("Use either names or numbers, not both.")
                break
            if not _VARIABLE.fullmatch(name):
                yield f"variables.{name}", "variable_malformed", _NAMING
    else:
        yield from _of_order("header", draft.header)
        yield from _of_order("body", draft.body)


def _of_examples(draft: Draft) -> Iterator[Problem]:
    for name in variable_names(draft):
        if not str(draft.examples.get(name) or "").strip():
            yield f"variables.{name}", "example_missing", _EXAMPLE


def _of_order(name: str, text: str) -> Iterator[Problem]:
    numbers = sorted(int(one) for one in placeholders(text) if one.isdecimal())
    if numbers != list(range(1, len(numbers) + 1)):
        yield name, "variable_order", _("Number the variables 1, 2, 3 without gaps.")


def _of_buttons(draft: Draft) -> Iterator[Problem]:
    buttons = list(draft.buttons)
    if len(buttons) > MOST_BUTTONS:
        yield "buttons", "too_many", _("At most 10 buttons.")
    counted = Counter(button.type for button in buttons)
    for kind, most in MOST_OF_TYPE.items():
        if counted[kind] > most:
            yield "buttons", "too_many_of_type", _TOO_MANY_OF_TYPE[kind]
    labels = Counter(button.text.strip().lower() for button in buttons if button.text)
    if any(times > 1 for times in labels.values()):
        yield "buttons", "label_twice", _("Two buttons have the same text.")
    if _are_interleaved([button.type == QUICK_REPLY for button in buttons]):
        sentence = _("Keep the quick replies together, before or after the other buttons.")
        yield "buttons", "interleaved", sentence
    for index, button in enumerate(buttons):
        for code, reason in _of_button(button):
            yield f"buttons.{index}", code, reason
        example = draft.examples.get(f"button_{index + 1}", "")
        if button.type == COPY_CODE and len(example) > CODE_LIMIT:
            yield (
                f"variables.button_{index + 1}",
                "too_long",
                _("A code has at most 15 characters."),
            )


def _of_button(button: Button) -> Iterator[tuple[str, str | Promise]]:
    if button.type not in (QUICK_REPLY, URL, PHONE_NUMBER, COPY_CODE):
        yield "type_unknown", _("Choose what the button does.")
        return
    if button.type != COPY_CODE:
        yield from _of_label(button.text)
    if button.type == URL:
        if len(button.value) > URL_LIMIT or not _ADDRESS.fullmatch(button.value):
            sentence = _("Give a web address with http(s)://; a variable {{1}} only at its end.")
            yield "url", sentence
    elif button.type == PHONE_NUMBER and not _PHONE.fullmatch(button.value):
        yield "phone", _("Give the number with country and area code, such as +5511987654321.")


def _of_label(text: str) -> Iterator[tuple[str, str | Promise]]:
    if not text.strip():
        yield "required", _("Give the button a text.")
    if len(text) > LABEL_LIMIT:
        yield "too_long", _("A button's text has at most 25 characters.")
    if "\n" in text or placeholders(text) or _EMOJI.search(text):
        yield "label", _("A button's text takes no variables, emoji or new lines.")


def _are_interleaved(flags: list[bool]) -> bool:
    """More than one change between quick replies and others."""
    return sum(one != other for one, other in pairwise(flags)) > 1


_NAMING = _("Variables start with a letter and have lowercase letters, digits and _ only.")
_EXAMPLE = _("Give an example: Meta's reviewers see it.")
_TOO_MANY_OF_TYPE = {
    URL: _("At most two buttons open a web page."),
    PHONE_NUMBER: _("At most one button calls."),
    COPY_CODE: _("At most one button copies a code."),
}
