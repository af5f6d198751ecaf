"""What contacts allowed, and addresses that must not be written to.

The ledger says what a person agreed to, line by line; a suppression outlives the contact and
every import. Both are asked before each message: marketing needs an opt-in on
record, and no suppression.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from crm.enums import Channel, ConsentAction, IdentityKind, Purpose
from crm.events import ContactOptedIn, ContactOptedOut
from crm.models import Consent, Contact, Identity, Suppression
from crm.suppression_key import digest, digests
from events.bus import publish
from team.models import Member

CLOCK_TOLERANCE = timedelta(minutes=5)
OPT_OUT = "opt_out"
MANUAL = "manual"
# What the person's own word (or ours) put up may be taken down by an opt-in. A provider's block
# and an erasure stay.
LIFTED_BY_OPT_IN = (OPT_OUT, MANUAL)
_ADDRESS_KINDS = (IdentityKind.PHONE, IdentityKind.WA_ID, IdentityKind.BSUID, IdentityKind.LID)


def record(
    *,
    contact: Contact,
    channel: str,
    purpose: str,
    action: str,
    source: str,
    at: datetime | None = None,
    text: str = "",
    by: Member | None = None,
    actor: str = "system",
) -> Consent:
    """Append a line to the ledger; nothing else changes (see `opt_in` and `opt_out`).

    Args:
        source: where the person said so: "site form", "keyword PARAR".
        at: when they did; now if unknown.
        text: the sentence they agreed to.
        by: the member who wrote it down, if somebody did.

    Raises:
        core.errors.Invalid: no source, or a time in the future.
    """
    now = timezone.now()
    if not source.strip():
        raise Invalid({"source": _("Say where the consent comes from, such as “shop counter”.")})
    if at is not None and at > now + CLOCK_TOLERANCE:
        raise Invalid({"at": _("This time is in the future.")})
    fact = ContactOptedIn if action == ConsentAction.OPT_IN else ContactOptedOut
    with transaction.atomic():
        line = Consent.objects.create(
            contact=contact, channel=channel, purpose=purpose, action=action,
            source=source.strip()[:120], at=at or now, text=text, recorded_by=by,
        )  # fmt: skip
        publish(
            fact(contact=contact.pk, channel=channel, purpose=purpose, source=line.source),
            actor=actor,
        )
    return line


def opt_out(
    *,
    contact: Contact,
    channel: str = Channel.WHATSAPP,
    source: str,
    purpose: str = Purpose.MARKETING,
    at: datetime | None = None,
    by: Member | None = None,
    actor: str = "system",
) -> Consent:
    """The person wants no more of this: written down, and all their addresses suppressed.

    Raises:
        core.errors.Invalid: as in record.
    """
    with transaction.atomic():
        line = record(
            contact=contact, channel=channel, purpose=purpose, action=ConsentAction.OPT_OUT,
            source=source, at=at, by=by, actor=actor,
        )  # fmt: skip
        suppress_all(
            addresses=_addresses(contact), channel=channel, purpose=purpose, reason=OPT_OUT
        )
    return line


def opt_in(
    *,
    contact: Contact,
    channel: str = Channel.WHATSAPP,
    source: str,
    purpose: str = Purpose.MARKETING,
    at: datetime | None = None,
    text: str = "",
    by: Member | None = None,
    actor: str = "system",
) -> Consent:
    """The person agreed (again): written down, and their own earlier opt-out lifted.

    For what the person or a member says about one contact. Lists that somebody imports use
    `record`: they never lift a suppression.

    Raises:
        core.errors.Invalid: as in record.
    """
    with transaction.atomic():
        line = record(
            contact=contact, channel=channel, purpose=purpose, action=ConsentAction.OPT_IN,
            source=source, at=at, text=text, by=by, actor=actor,
        )  # fmt: skip
        for address in _addresses(contact):
            lift(address=address, channel=channel, purpose=purpose, reasons=LIFTED_BY_OPT_IN)
    return line


def suppress(*, address: str, channel: str, purpose: str = "", reason: str = MANUAL) -> None:
    """Never write to this address again (for every purpose if none is given). May be repeated."""
    suppress_all(addresses=[address], channel=channel, purpose=purpose, reason=reason)


def suppress_all(
    *, addresses: Iterable[str], channel: str, purpose: str = "", reason: str = MANUAL
) -> None:
    """The same for many addresses, in one statement; the first reason stays."""
    lines = [
        Suppression(address_hmac=hmac, channel=channel, purpose=purpose, reason=reason[:48])
        for hmac in sorted(set(digests(addresses).values()))
    ]
    Suppression.objects.bulk_create(lines, ignore_conflicts=True)


def lift(
    *, address: str, channel: str, purpose: str = "", reasons: Collection[str] | None = None
) -> int:
    """End the suppression of an address for this purpose; returns how many lines went.

    Args:
        reasons: only those put up for one of these; any if None.
    """
    lines = Suppression.objects.filter(
        address_hmac=digest(address), channel=channel, purpose=purpose
    )
    if reasons is not None:
        lines = lines.filter(reason__in=reasons)
    return lines.delete()[0]


def _addresses(contact: Contact) -> list[str]:
    return list(
        Identity.objects.filter(contact=contact, kind__in=_ADDRESS_KINDS, alias_of=None)
        .values_list("value", flat=True)
        .distinct()
    )
