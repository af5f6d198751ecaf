"""Who was erased does not come back by a file, a form or a program: only by writing themselves.

A tombstone is an HMAC of an address (crm.suppression_key), so it tells nobody who it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.utils.translation import gettext_lazy as _

from core.errors import FieldError
from crm.erasures import Erasure, Tombstone
from crm.suppression_key import digests

CODE = "person_erased"
SENTENCE = _("This person was erased. They come back only by writing to you themselves.")


def lay(*, erasure: Erasure, addresses: Iterable[str]) -> None:
    """Remember that these addresses were erased; those that were before stay as they are."""
    Tombstone.objects.bulk_create(
        [
            Tombstone(address_hmac=hmac, erasure=erasure)
            for hmac in sorted(set(digests(addresses).values()))
        ],
        ignore_conflicts=True,
    )


def are_laid() -> bool:
    """Whether anybody was ever erased."""
    return Tombstone.objects.exists()


def erased_among(addresses: Collection[str]) -> set[str]:
    """Those of the addresses, in any spelling, whose person was erased."""
    if not addresses or not are_laid():
        return set()
    hmacs = digests(addresses)
    laid = Tombstone.objects.filter(address_hmac__in=set(hmacs.values()))
    found = set(laid.values_list("address_hmac", flat=True))
    return {address for address, hmac in hmacs.items() if hmac in found}


def error() -> FieldError:
    """What is said about a value that would bring somebody back."""
    return FieldError(CODE, SENTENCE)
