"""How a provider fails, in one closed vocabulary that carries the decision."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise


class FailureClass(StrEnum):
    """What a failure means for us. Everything but AMBIGUOUS proves that nothing was accepted."""

    THROTTLED = "throttled"  # too fast for this number: the whole connection waits
    PACED = "paced"  # too fast for this person: this message waits, and it counts no attempt
    RETRYABLE = "retryable"  # this message may be tried again, after `retry_after` if given
    REJECTED = "rejected"  # never for this message
    OPTED_OUT = "opted_out"  # the person stopped this business's marketing
    TEMPLATE = "template"  # the template is missing, paused, disabled or does not fit
    AUTH = "auth"  # token, permission or account: the connection stops
    AMBIGUOUS = "ambiguous"  # it may or may not have been accepted; only evidence settles it


class ProviderError(Exception):
    """The provider, or the way to it, said no.

    Args:
        klass: what it means for us.
        code: the provider's own code as text ("131049"), or one of `NEUTRAL_CODES`.
        detail: the provider's words or the network's, redacted, at most 500 characters.
        retry_after: seconds to wait before the next attempt, when it is known.
        subcode: the provider's finer code, where it has one.
    """

    def __init__(
        self,
        klass: FailureClass,
        code: str,
        detail: str = "",
        retry_after: float | None = None,
        subcode: str = "",
    ) -> None:
        self.klass = klass
        self.code = code
        self.detail = detail[:500]
        self.retry_after = retry_after
        self.subcode = subcode
        super().__init__(f"{klass} {code}")


class SendError(ProviderError):
    """A send that did not end in a SendResult."""


TOKEN_EXPIRED = "token_expired"  # noqa: S105 -- a code
# Codes of ours, the same for every provider, where no provider's code exists.
NEUTRAL_CODES = frozenset(
    {
        "not_connected",  # RETRYABLE: no byte left (DNS, refused, TLS)
        "no_answer",  # AMBIGUOUS: the request left, the answer was lost or never came
        "bad_answer",  # AMBIGUOUS: an answer that cannot be read or has no id
        "server_error",  # AMBIGUOUS: a failure of the server without the provider's own words
        "refused",  # RETRYABLE or THROTTLED: refused by something on the way (a proxy)
        "unsupported",  # REJECTED: this provider cannot send that
        TOKEN_EXPIRED,  # AUTH: stopped by us just before the provider would refuse it
        "media_gone",  # REJECTED: the provider no longer has the file
        "media_too_large",  # REJECTED: over the cap
    }
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a code means and what to do about it, for people; `klass` is what it means for us."""

    sentence: str | Promise
    advice: str | Promise
    klass: FailureClass | None = None


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a provider's code table says of one code; `retry_after` in seconds where the provider
    tells none itself."""

    klass: FailureClass
    sentence: str | Promise
    advice: str | Promise
    retry_after: float | None = None

    @property
    def explanation(self) -> Explanation:
        """The part for people."""
        return Explanation(self.sentence, self.advice, self.klass)


class WrongCredentialError(ProviderError):
    """One of the values given does not hold; `field` names it (a `CredentialField.name`,
    `number_id` or `account_id`) and `sentence` says it in everyday words."""

    def __init__(self, field_name: str, sentence: str | Promise, error: ProviderError) -> None:
        super().__init__(error.klass, error.code, error.detail, error.retry_after, error.subcode)
        self.field = field_name
        self.sentence = sentence
