"""The headers of an answer, read when somebody asks: most answers are never asked."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence


class Headers(Mapping[str, str]):
    """Looked up whatever the case; a header that came several times counts with its last value.

    Args:
        raw: names and values as they came.
    """

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        self._raw = raw

    @functools.cached_property
    def _values(self) -> dict[str, str]:
        return {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in self._raw
        }

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
