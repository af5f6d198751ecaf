"""What the bytes of a post say, as far as PostgreSQL's JSON can hold it; and if not, why."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from webhooks.sources.enums import Unreadable

DEEPEST = 100
MOST_FIELDS = 2_000
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Parsed:
    """The data, or (with data None) one of `Unreadable`."""

    data: Any = None
    why: str = ""


class _Refused(ValueError):
    def __init__(self, why: Unreadable) -> None:
        super().__init__(why.value)
        self.why = why


def read(body: bytes, content_type: str) -> Parsed:
    """Read JSON whatever it says it is, and forms where it says so."""
    if not body.strip():
        return Parsed(why=Unreadable.EMPTY.value)
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind == FORM:
            data = _form(body)
        elif kind == MULTIPART:
            data = _multipart(body, content_type)
        else:
            data = _json(body)
        _check(data)
    except _Refused as refused:
        is_other = refused.why == Unreadable.NOT_JSON and kind and "json" not in kind
        return Parsed(why=(Unreadable.OTHER_KIND if is_other else refused.why).value)
    return Parsed(data) if data is not None else Parsed(why=Unreadable.EMPTY.value)


def _json(body: bytes) -> Any:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _Refused(Unreadable.NOT_TEXT) from None
    try:
        return json.loads(text, parse_constant=_no_constant, parse_float=_float, parse_int=_integer)
    except _Refused:
        raise
    except RecursionError:
        raise _Refused(Unreadable.TOO_DEEP) from None
    except ValueError:
        raise _Refused(Unreadable.NOT_JSON) from None


def _no_constant(name: str) -> Any:
    raise _Refused(Unreadable.NOT_JSON)  # NaN and Infinity are not JSON


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _Refused(Unreadable.TOO_BIG_NUMBER)
    return value


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:  # Python reads at most 4,300 digits
        raise _Refused(Unreadable.TOO_BIG_NUMBER) from None


def _form(body: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except UnicodeDecodeError:
        raise _Refused(Unreadable.NOT_TEXT) from None
    except ValueError:
        raise _Refused(Unreadable.NOT_A_FORM) from None
    return _gathered(pairs)


def _multipart(body: bytes, content_type: str) -> dict[str, Any]:
    """Its fields; files are named with their sizes, and stay in the bytes."""
    meta = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(body))}
    handler = MemoryFileUploadHandler()
    try:
        fields, files = MultiPartParser(meta, io.BytesIO(body), [handler], "utf-8").parse()
    except (MultiPartParserError, SuspiciousOperation, UnicodeError, ValueError):
        raise _Refused(Unreadable.NOT_A_FORM) from None
    pairs = [(name, value) for name, values in fields.lists() for value in values]
    pairs += [(name, f"{one.name} ({one.size})") for name in files for one in files.getlist(name)]
    return _gathered(pairs)


def _gathered(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """A field that comes several times is a list."""
    gathered: dict[str, Any] = {}
    for name, value in pairs:
        if name not in gathered:
            gathered[name] = value
        elif isinstance(gathered[name], list):
            gathered[name].append(value)
        else:
            gathered[name] = [gathered[name], value]
    return gathered


def _check(data: Any) -> None:
    """Refuse what PostgreSQL's JSON would: NUL, halves of a pair, and what is too deep for us."""
    waiting: list[tuple[Any, int]] = [(data, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            raise _Refused(Unreadable.TOO_DEEP)
        if isinstance(value, str):
            _check_text(value)
        elif isinstance(value, dict):
            for key, item in value.items():
                _check_text(key)
                waiting.append((item, depth + 1))
        elif isinstance(value, list):
            waiting += [(item, depth + 1) for item in value]


def _check_text(text: str) -> None:
    if "\0" in text:
        raise _Refused(Unreadable.BAD_CHARACTER)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _Refused(Unreadable.BAD_CHARACTER) from None
