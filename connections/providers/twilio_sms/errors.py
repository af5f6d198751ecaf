"""From an error in Twilio's own words to one word of the port's vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

import orjson

from connections.providers.answers import retry_after
from connections.providers.base import Explanation, FailureClass, ProviderError
from connections.providers.loose import text
from connections.providers.twilio_sms.codes import meaning

Failure = TypeVar("Failure", bound=ProviderError)


@dataclass(frozen=True, slots=True)
class TwilioFault:
    """The error object of an answer."""

    code: int
    message: str


def decode(raw: bytes) -> Mapping[str, Any]:
    """The JSON object of an answer; an empty one for anything else."""
    try:
        answer = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


def fault_in(answer: Mapping[str, Any]) -> TwilioFault | None:
    """Twilio's own error in a decoded answer; None when it is not one."""
    code = answer.get("code")
    return TwilioFault(code, text(answer, "message")) if isinstance(code, int) else None


def provider_error(
    fault: TwilioFault, status: int, headers: Mapping[str, str], kind: type[Failure]
) -> Failure:
    """The error to raise for a fault that Twilio has worded."""
    known = meaning(fault.code)
    klass = known.klass if known else _class_of_unknown(status)
    wait = retry_after(headers)
    if wait is None and known:
        wait = known.retry_after
    return kind(klass, str(fault.code), fault.message, wait)


def explain(code: str) -> Explanation | None:
    """Sentence and advice for a code of Twilio's."""
    known = meaning(int(code)) if code.isdecimal() else None
    return known.explanation if known else None


def _class_of_unknown(status: int) -> FailureClass:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return FailureClass.THROTTLED
    if status == HTTPStatus.UNAUTHORIZED:
        return FailureClass.AUTH
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return FailureClass.RETRYABLE
    return FailureClass.REJECTED
