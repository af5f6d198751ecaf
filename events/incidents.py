"""What can be in trouble: each kind of incident with its sentence and what to do about it.

Rows keep the kind and its values; the sentence is made when it is read, in the reader's language.
Apps announce their kinds in AppConfig.ready().
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of incident.

    Attributes:
        code: `<noun>.<what>`, as written into the rows.
        text: a lazy sentence with `%(name)s` places for the incident's data.
        advice: what whoever reads it can do.
        icon: a lucide name.
        tone: warning or danger.
    """

    code: str
    text: Text
    advice: Text
    icon: str
    tone: str = "danger"

    def sentence(self, data: Mapping[str, Any]) -> str:
        """The text in the language that is active now."""
        return str(self.text) % data


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Announce a kind, once, at start-up.

    Raises:
        ValueError: the code is taken.
    """
    if kind.code in KINDS:
        message = f"the incident {kind.code} is registered twice"
        raise ValueError(message)
    KINDS[kind.code] = kind
