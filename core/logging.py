"""Structured logs: one JSON line per event (readable in DEBUG), secrets and people masked.

Quiet by default: warnings of libraries, information of ours. Everything passes one masking
processor, whoever logged it: tokens, passwords and signatures disappear, telephone numbers keep
their last four digits, e-mail addresses their first letter and domain. Line breaks are escaped,
so nobody can forge a second line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

MASK = "***"
# Names of fields, headers and parameters whose value is never shown.
_SECRET_NAME = re.compile(
    r"(?i)(password|passwd|secret|token|authorization|cookie|api[-_]?key|signature|credential"
    r"|private[-_]?key|session[-_]?key|csrf|encryption)"
)
_IN_TEXT: tuple[tuple[re.Pattern[str], str], ...] = (
    # Authorization: Bearer abc · Api-Key abc
    (re.compile(r"(?i)\b(bearer|basic|api-key)\s+[\w.~+/=:-]{6,}"), rf"\1 {MASK}"),
    # access_token=abc · "password": "abc" · X-Signature: sha256=abc
    (
        re.compile(
            r"(?i)([\w-]*(?:password|passwd|secret|token|api[-_]?key|signature)[\w-]*"
            r"[\"']?\s*[=:]\s*[\"']?)(?!\*\*\*)[^\s\"'&,;}]+"
        ),
        rf"\1{MASK}",
    ),
    # Addresses that open something by themselves, or name a company: mailed links, webhooks.
    (
        re.compile(r"((?:/password/reset/key|/confirm-email|/webhooks/[a-z]+)/)[^/?\s\"']+"),
        rf"\1{MASK}",
    ),
    (re.compile(r"([?&]proof=)[^&\s\"']+"), rf"\1{MASK}"),
    # Tokens that are known by their looks: Meta, JWT, our API keys, sealed values.
    (re.compile(r"\bEAA[A-Za-z0-9]{20,}"), MASK),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]+"), MASK),
    (re.compile(r"\bmia_\w+"), MASK),
    (re.compile(r"\bv1\.[\w-]{1,32}\.[\w-]{30,}"), MASK),
    # user:password@host in addresses.
    (re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+@"), f"{MASK}@"),
    (re.compile(r"\b([\w.+-])[\w.+-]*@([\w-]+\.[\w.-]+)"), rf"\1{MASK}@\2"),
)
# 10 to 15 digits, perhaps with +, spaces, brackets and dashes: a telephone number or a WhatsApp id.
# Not inside a word, a decimal or an id, so UUIDs, times and counters stay readable.
_PHONE = re.compile(r"(?<![\w.-])\+?\(?\d(?:[ ().-]{0,2}\d){9,14}(?![\w-]|\.\d)")
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(0x20), 0x7F, 0x85)} | {
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): "\\t",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}
# Lines of a traceback are text of ours; only their content is masked.
_MULTILINE = frozenset({"exception", "stack"})
# Written by us: times and ids that only look like telephone numbers.
_PLAIN = frozenset({"timestamp", "level", "logger", "request_id", "task_id", "code", "duration"})
MAX_DEPTH = 6


def mask_text(text: str) -> str:
    """``text`` without secrets, whole telephone numbers and whole e-mail addresses."""
    for pattern, replacement in _IN_TEXT:
        text = pattern.sub(replacement, text)
    return _PHONE.sub(_last_four, text)


def mask(value: Any, *, name: str = "", depth: int = 0) -> Any:
    """``value`` as it may be logged: masked inside dictionaries and lists too."""
    if name and _SECRET_NAME.search(name) and value not in (None, "", True, False):
        return MASK
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return mask_text(str(value)) if abs(value) >= 10**9 else value
    if depth >= MAX_DEPTH:
        return "…"
    if isinstance(value, Mapping):
        return {str(key): mask(item, name=str(key), depth=depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [mask(item, depth=depth + 1) for item in value]
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<{len(value)} bytes>"
    return mask_text(str(value)).translate(_CONTROL)


def mask_event(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """The structlog processor; runs last, on everything that will be written."""
    for name, value in event.items():
        if name in _MULTILINE:
            event[name] = mask_text(str(value))
        elif name not in _PLAIN:
            event[name] = mask(value, name=name)
    return event


def _last_four(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match.group())
    return f"{MASK}{digits[-4:]}"


def _drop_color(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event.pop("color_message", None)
    return event


def logging_config(*, debug: bool) -> dict[str, Any]:
    """The value of ``settings.LOGGING``; also configures structlog's own loggers."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if debug
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*shared, structlog.stdlib.ExtraAdder()],
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    _drop_color,
                    structlog.processors.format_exc_info,
                    mask_event,
                    renderer,
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": "INFO" if debug else "WARNING"},
        "loggers": _levels(debug=debug),
    }


OURS = (
    "analytics", "campaigns", "config", "connections", "conversations", "core", "crm", "events",
    "integrations", "messaging", "team", "tenants", "webhooks",
)  # fmt: skip


def _levels(*, debug: bool) -> dict[str, Any]:
    ours = {name: {"level": "DEBUG" if debug else "INFO"} for name in OURS}
    # 4xx answers are the client's news, not ours; SQL only when asked for by name.
    quiet = {
        "django.request": {"level": "WARNING" if debug else "ERROR"},
        "django.db.backends": {"level": "INFO"},
        "django_structlog": {"level": "INFO" if debug else "WARNING"},
    }
    return {**ours, **quiet}
