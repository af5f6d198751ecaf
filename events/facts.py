"""The base of every fact: a frozen dataclass in the past tense, named `<noun>.<verb>`.

An app lists its facts in its own `events.py`; the catalogue (names, fields, versions) is generated
from them and only ever grows.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

catalogue: dict[str, type["Fact"]] = {}


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Something that happened in this company. Fields are ids, codes and small snapshots."""

    type: ClassVar[str] = ""
    version: ClassVar[int] = 1

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.type in catalogue:
            message = f"two facts are called {cls.type}"
            raise TypeError(message)
        if cls.type:
            catalogue[cls.type] = cls

    def data(self) -> dict[str, Any]:
        """The fields as JSON values: ids as text, times as ISO 8601."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value
