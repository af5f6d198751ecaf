"""What contacts allowed.

The ledger says what a person agreed to, line by line; a suppression (crm.services.suppressions)
outlives the contact and every import. Both are asked before each message: marketing needs an opt-in
on record, and no suppression.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from crm.enums import Channel, ConsentAction, IdentityKind, Purpose, SuppressionReason
from crm.events import ContactOptedIn, ContactOptedOut
from crm.models import Consent, Contact, Identity
from crm.services.suppressions import LIFTED_BY_OPT_IN, lift, suppress_all
from events.bus import publish
from team.models import Member

CLOCK_TOLERANCE = timedelta(minutes=5)
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
    text_version: str = "",
    by: Member | None = None,
    actor: str = "system",
) -> Consent:
    """Append a line to the ledger; nothing else changes (see `opt_in` and `opt_out`).

    Args:
        source: where the person said so: "site form", "keyword PARAR".
        at: when they did; now if unknown.
        text: the sentence they agreed to, or what they wrote.
        text_version: which edition of the sentence, "2026-03".
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
            source=source.strip()[:120], at=at or now, text=text,
            text_version=text_version.strip()[:32], recorded_by=by,
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
    text: str = "",
    text_version: str = "",
    by: Member | None = None,
    actor: str = "system",
    reason: str = SuppressionReason.OPT_OUT,
) -> Consent:
    """The person wants no more of this: written down, and all their addresses suppressed.

    Args:
        reason: why they are on the list: their own word, or the provider's.

    Raises:
        core.errors.Invalid: as in record.
    """
    with transaction.atomic():
        line = record(
            contact=contact, channel=channel, purpose=purpose, action=ConsentAction.OPT_OUT,
            source=source, at=at, text=text, text_version=text_version, by=by, actor=actor,
        )  # fmt: skip
        if _is_last_word(line):
            suppress_all(
                addresses=_addresses(contact), channel=channel, purpose=purpose, reason=reason
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
    text_version: str = "",
    by: Member | None = None,
    actor: str = "system",
    lifts: tuple[str, ...] = LIFTED_BY_OPT_IN,
) -> Consent:
    """The person agreed (again): written down, and their own earlier opt-out lifted.

    For what the person or a member says about one contact. Lists that somebody imports use
    `record`: they never lift a suppression. Nor does an agreement older than a later refusal.

    Args:
        lifts: reasons of suppressions that end by it.

    Raises:
        core.errors.Invalid: as in record.
    """
    with transaction.atomic():
        line = record(
            contact=contact, channel=channel, purpose=purpose, action=ConsentAction.OPT_IN,
            source=source, at=at, text=text, text_version=text_version, by=by, actor=actor,
        )  # fmt: skip
        if _is_last_word(line):
            lift(addresses=_addresses(contact), channel=channel, purpose=purpose, reasons=lifts)
    return line


def apply_preference(
    *,
    contact: Contact,
    channel: str,
    wants: bool,
    source: str,
    at: datetime | None = None,
    text: str = "",
    text_version: str = "",
    by_provider: bool = False,
) -> Consent:
    """The person said by a message, or in the provider's own app, whether they want marketing.

    Words may arrive in any order: the one that was said last holds.

    Args:
        by_provider: the provider keeps the preference itself; it puts up and ends its own block.

    Raises:
        core.errors.Invalid: as in record.
    """
    if wants:
        lifts = (*LIFTED_BY_OPT_IN, SuppressionReason.PROVIDER) if by_provider else LIFTED_BY_OPT_IN
        return opt_in(
            contact=contact, channel=channel, source=source, at=at, text=text,
            text_version=text_version, lifts=lifts,
        )  # fmt: skip
    return opt_out(
        contact=contact, channel=channel, source=source, at=at, text=text,
        text_version=text_version,
        reason=SuppressionReason.PROVIDER if by_provider else SuppressionReason.OPT_OUT,
    )  # fmt: skip


def _is_last_word(line: Consent) -> bool:
    later = Consent.objects.filter(
        contact=line.contact, channel=line.channel, purpose=line.purpose, at__gt=line.at
    )
    return not later.exists()


def _addresses(contact: Contact) -> list[str]:
    return list(
        Identity.objects.filter(contact=contact, kind__in=_ADDRESS_KINDS, alias_of=None)
        .values_list("value", flat=True)
        .distinct()
    )
