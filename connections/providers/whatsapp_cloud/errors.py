"""From an error in Graph's own words to one word of the port's vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from connections.providers.answers import retry_after
from connections.providers.base import Explanation, FailureClass, ProviderError
from connections.providers.whatsapp_cloud.codes import meaning

PARAMETER = 100
NO_SUCH_OBJECT = 33  # subcode of 100: the id is unknown or not the token's


@dataclass(frozen=True, slots=True)
class GraphFault:
    """The `error` object of an answer."""

    code: int
    subcode: int | None
    message: str
    is_transient: bool
    user_message: str = ""

    @property
    def effective_code(self) -> int:
        """The code that carries the meaning: an unknown object is worded as 100/33."""
        missing = self.code == PARAMETER and self.subcode == NO_SUCH_OBJECT
        return NO_SUCH_OBJECT if missing else self.code


def fault_in(answer: object) -> GraphFault | None:
    """Graph's own error in a decoded answer; None when it is not one."""
    error = answer.get("error") if isinstance(answer, Mapping) else None
    if not isinstance(error, Mapping) or not isinstance(error.get("code"), int):
        return None
    data = error.get("error_data")
    details = data.get("details", "") if isinstance(data, Mapping) else ""
    subcode = error.get("error_subcode")
    user = [str(error.get(key) or "") for key in ("error_user_title", "error_user_msg")]
    return GraphFault(
        code=error["code"],
        subcode=subcode if isinstance(subcode, int) else None,
        message=told_once(str(error.get("message") or ""), str(details)),
        is_transient=error.get("is_transient") is True,
        user_message=": ".join(part for part in user if part),
    )


def told_once(message: str, details: str) -> str:
    """Graph's sentence and its details, which often say the same once more."""
    sentence, more = message.strip(" ."), details.strip(" .")
    if sentence.casefold().endswith(more.casefold()):
        return message
    return details if more.casefold().startswith(sentence.casefold()) else f"{message}: {details}"


def provider_error(
    fault: GraphFault,
    status: int,
    headers: Mapping[str, str],
    *,
    kind: type[ProviderError] = ProviderError,
) -> ProviderError:
    """The error to raise for a fault that Graph has worded."""
    known = meaning(fault.effective_code)
    klass = known.klass if known else _class_of_unknown(fault, status)
    wait = retry_after(headers)
    if wait is None and known:
        wait = known.retry_after
    detail = fault.user_message or fault.message
    subcode = "" if fault.subcode is None else str(fault.subcode)
    return kind(klass, str(fault.effective_code), detail, wait, subcode)


def class_of(code: int) -> FailureClass:
    """What a code in a failed receipt means; new ones are final, as the receipt itself is."""
    known = meaning(code)
    return known.klass if known else FailureClass.REJECTED


def explain(code: str) -> Explanation | None:
    """Sentence and advice for a code of Meta's."""
    known = meaning(int(code)) if code.isdecimal() else None
    return known.explanation if known else None


def _class_of_unknown(fault: GraphFault, status: int) -> FailureClass:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return FailureClass.THROTTLED
    if status == HTTPStatus.UNAUTHORIZED:
        return FailureClass.AUTH
    if fault.is_transient or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return FailureClass.RETRYABLE
    return FailureClass.REJECTED


def decoded(answer: Any) -> Mapping[str, Any]:
    """A decoded answer as a mapping; anything else as an empty one."""
    return answer if isinstance(answer, Mapping) else {}
