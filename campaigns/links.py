"""Tracked links: `/l/<company's prefix><code>`, a code for each recipient and address.

Pure but for the company's prefix. Which texts are replaced: a variable whose whole value is an
address (in the header's or the body's text), a button's variable when the template's button begins
with our own link address (then the code alone), and in SMS every address in the text.
"""

import re
import secrets
from collections.abc import Iterator
from uuid import UUID

from core.ids import ALPHABET
from messaging.models import Template
from messaging.template_parts import PLACEHOLDER, buttons

WIDTH = 8  # 62**8 > 2**47: 140 million million codes
PREFIX_WIDTH = 4
LONGEST = 2_000
_ADDRESS = re.compile(r"https?://\S+")
_IN_TEXT = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]}']")
_BASE = len(ALPHABET)
_BITS = 47
_BYTES = 6
_AT_ONCE = 256
_PAIRS = [one + other for one in ALPHABET for other in ALPHABET]
_VALUES = {character: value for value, character in enumerate(ALPHABET)}


def codes() -> Iterator[int]:
    """Codes that nobody can guess from another; the kernel is asked for many at once."""
    while True:
        drawn = secrets.token_bytes(_AT_ONCE * _BYTES)
        for begin in range(0, len(drawn), _BYTES):
            yield int.from_bytes(drawn[begin : begin + _BYTES], "big") >> (8 * _BYTES - _BITS)


def code_text(code: int) -> str:
    """The code as it stands in the address."""
    high, low = divmod(code, len(_PAIRS) ** 2)
    first, second = divmod(high, len(_PAIRS))
    third, fourth = divmod(low, len(_PAIRS))
    return _PAIRS[first] + _PAIRS[second] + _PAIRS[third] + _PAIRS[fourth]


def split(text: str) -> tuple[str, int] | None:
    """(company's prefix, code) of what stands behind `/l/`; None for anything else."""
    body = text[PREFIX_WIDTH:]
    if len(body) != WIDTH or not all(character in _VALUES for character in text):
        return None
    code = 0
    for character in body:
        code = code * _BASE + _VALUES[character]
    return text[:PREFIX_WIDTH], code


def is_address(value: str) -> bool:
    """Whether a value is an address of the web and nothing else."""
    return len(value) <= LONGEST and bool(_ADDRESS.fullmatch(value))


def addresses_in(text: str) -> Iterator[re.Match[str]]:
    """The addresses in a text, without the punctuation behind them."""
    return _IN_TEXT.finditer(text)


def places(template: Template, base: str) -> dict[str, bool]:
    """The variables that may carry a tracked link: name → whether it takes the code alone.

    Args:
        base: what our links begin with (`https://…/l/`).
    """
    found: dict[str, bool] = {}
    known = buttons(template.components)
    for variable in template.variables:
        where, name = variable.get("where", "body"), variable["name"]
        if where.startswith("button:"):
            button = known[int(where.removeprefix("button:"))]
            if PLACEHOLDER.split(str(button.get("url") or ""))[0] == base:
                found[name] = True
        elif variable.get("type", "text") == "text":
            found[name] = False
    return found


Made = tuple[int, str, UUID]  # code, address, message


class Tracker:
    """Replaces addresses by links of a company's own and remembers which is which."""

    def __init__(self, base: str, prefix: str) -> None:
        self.base = base
        self._prefix = prefix
        self._codes = codes()
        self._made: list[Made] = []

    def take(self) -> list[Made]:
        """What was made since it was last asked."""
        made, self._made = self._made, []
        return made

    def values(
        self, values: dict[str, str], places: dict[str, bool], message_id: UUID
    ) -> dict[str, str]:
        """The values of one message with its addresses replaced."""
        wanted = [name for name in places if is_address(values.get(name, ""))]
        if not wanted:
            return values
        return values | {
            name: self._link(values[name], message_id, whole=not places[name]) for name in wanted
        }

    def text(self, text: str, message_id: UUID) -> str:
        """A text with its addresses replaced; ours stay as they are."""

        def replaced(match: re.Match[str]) -> str:
            found = match[0]
            ours = found.startswith(self.base) or len(found) > LONGEST
            return found if ours else self._link(found, message_id, whole=True)

        return _IN_TEXT.sub(replaced, text)

    def _link(self, address: str, message_id: UUID, *, whole: bool) -> str:
        code = next(self._codes)
        self._made.append((code, address, message_id))
        shown = f"{self._prefix}{code_text(code)}"
        return f"{self.base}{shown}" if whole else shown
