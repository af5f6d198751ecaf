"""What a post says in our words, before it is known whom it is about."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from webhooks.sources import events
from webhooks.sources.events import SourceFact

KINDS: dict[str, type[SourceFact]] = {fact.type: fact for fact in SourceFact.__subclasses__()}
OWN = events.SourceSaid.type
# The longest that a text of a fact may be.
LENGTHS = {"name": 200, "email": 254, "phone": 40, "pix_code": 2_000, "link": 2_000}
LENGTH = 300
MOST_FIELDS = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Normalised:
    """One thing that happened.

    Attributes:
        kind: the type of the fact ("pix.created"); empty if nothing says what happened.
        own_kind: what the source itself calls it.
        key: what makes it the same one when it is told again; empty: its bytes.
        phone: as the source writes it.
        amount: in minor units (centavos).
    """

    kind: str = ""
    own_kind: str = ""
    key: str = ""
    name: str = ""
    phone: str = ""
    email: str = ""
    order_id: str = ""
    amount: int | None = None
    currency: str = "BRL"
    product: str = ""
    pix_code: str = ""
    link: str = ""
    expires_at: datetime | None = None
    occurred_at: datetime | None = None
    fields: dict[str, str] = field(default_factory=dict)

    def but(self, **changes: Any) -> Normalised:
        """The same with other values."""
        return replace(self, **changes)

    def shown(self) -> dict[str, Any]:
        """As JSON for people and programs: what was not said is left out."""
        told = {name: value for name, value in asdict(self).items() if value not in ("", None, {})}
        for name in ("expires_at", "occurred_at"):
            if name in told:
                told[name] = told[name].isoformat()
        return told

    def values(self) -> dict[str, Any]:
        """What the fact takes over, with texts cut to the lengths of a fact."""
        names = {one.name for one in fields(self)} - {"kind", "own_kind", "key", "fields"}
        told = {name: _cut(name, getattr(self, name)) for name in names}
        kept = list(self.fields.items())[:MOST_FIELDS]
        told["fields"] = {name[:60]: value[:LENGTH] for name, value in kept}
        return told


def _cut(name: str, value: Any) -> Any:
    return value[: LENGTHS.get(name, LENGTH)] if isinstance(value, str) else value
