"""What a preset says of a vendor's system: how it proves itself, and what its posts mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from webhooks.sources.normalised import Normalised

Text = str | Promise
Normalise = Callable[[Any, Mapping[str, str]], list[Normalised]]


SECRET = _("Secret")


@dataclass(frozen=True, slots=True)
class Enquiry:
    """What to ask a vendor that posts nothing but an id."""

    url: str
    headers: Mapping[str, str] = field(repr=False)  # they hold the token


@dataclass(frozen=True, slots=True)
class Credential:
    """Something that a company gives us so that we may ask its vendor."""

    name: str
    label: Text
    help: Text = ""


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A system that a source can be.

    Attributes:
        verification: how its posts are proved (`webhooks.sources.verification`); None lets the
            company choose.
        secret_label, secret_help: what the secret is called there, and where it is found.
        steps: how to set it up at the vendor's.
        normalise: the data of a post (with what was asked for as `details` beside it) and its
            headers, in our words; raises nothing for data of another shape.
        enquire: what to ask for before that, if the post says too little.
        credentials: what that needs.
        is_verified: it was tried with at least three real samples, each found in public and named
            in tests/sources/samples; without them the company maps a sample of its own.
    """

    slug: str
    label: Text
    text: Text
    normalise: Normalise
    verification: Mapping[str, Any] | None = None
    secret_label: Text = SECRET
    secret_help: Text = ""
    steps: tuple[Text, ...] = ()
    credentials: tuple[Credential, ...] = ()
    enquire: Callable[[Any, Mapping[str, str]], Enquiry | None] | None = None
    is_verified: bool = False
    docs: str = ""
    is_mapped: bool = False  # nothing is understood before somebody maps a sample
    gives_secret: bool = False  # we make the secret, and the company enters it there


def member(data: Any, name: str) -> Mapping[str, Any]:
    """An object inside an object; an empty one if it is not there or is none."""
    found = data.get(name) if isinstance(data, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def is_plain_id(text: str) -> bool:
    """Whether an id may stand in an address that we ask: letters, digits, `_` and `-`."""
    return bool(_PLAIN_ID.fullmatch(text))


_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
