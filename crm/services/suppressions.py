"""The list of addresses that must not be written to, whoever imports them again.

It holds no address: an HMAC finds it, a mask lets people recognise it. Several reasons for one
address are one line: what an opt-in cannot lift takes the place of what it can, but what people
take down never that of a person's own word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, FieldError, Invalid
from crm import phones
from crm.enums import Channel, Purpose, SuppressionReason
from crm.events import SuppressionAdded, SuppressionRemoved
from crm.masking import mask
from crm.models import Suppression
from crm.suppression_key import digest, digests
from events.bus import publish
from team.models import Member

# What the person's own word (or ours) put up may be taken down by an opt-in, and so may an erasure:
# who was erased can agree only after writing to us again. A list and a provider's block stay.
_ORDINARY = (SuppressionReason.OPT_OUT, SuppressionReason.MANUAL)
LIFTED_BY_OPT_IN = (*_ORDINARY, SuppressionReason.ERASED)
# What people put up they may take down; the rest ends by a word of the person or the provider.
REMOVABLE = (SuppressionReason.MANUAL, SuppressionReason.LIST)
NOTE_LENGTH = 120


def add_suppression(
    *,
    address: str,
    channel: str,
    purpose: str = "",
    note: str = "",
    by: Member | None = None,
    actor: str = "system",
) -> tuple[Suppression, bool]:
    """Put a phone number on the list by hand; and whether it was not there yet.

    Args:
        address: in any spelling.
        purpose: of crm.enums.Purpose; empty for every purpose.
        note: why, for people.

    Raises:
        core.errors.Invalid: under `address`, `channel`, `purpose` or `note`.
    """
    check_options(channel=channel, purpose=purpose, note=note)
    try:
        number = phones.parse(address).number
    except phones.BadPhone as error:
        raise Invalid({"address": error.error}) from None
    with transaction.atomic():
        added = suppress_all(addresses=[number], channel=channel, purpose=purpose, note=note, by=by)
        line = Suppression.objects.get(
            address_hmac=digest(number), channel=channel, purpose=purpose
        )
        if added:
            publish(
                SuppressionAdded(
                    suppression=line.pk, channel=channel, purpose=purpose, masked=line.masked,
                    note=line.note,
                ),
                actor=actor,
            )  # fmt: skip
    return line, bool(added)


@transaction.atomic
def add_to_channels(
    *,
    address: str,
    channels: Collection[str],
    purpose: str = "",
    note: str = "",
    by: Member | None = None,
    actor: str = "system",
) -> bool:
    """The same for several channels at once; whether it was missing on any of them.

    Raises:
        core.errors.Invalid: as in `add_suppression`; nothing is on the list then.
    """
    added = [
        add_suppression(
            address=address, channel=channel, purpose=purpose, note=note, by=by, actor=actor
        )
        for channel in channels
    ]
    return any(is_new for _line, is_new in added)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A given number that is none."""

    index: int
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Added:
    """What became of given numbers; the three parts add up to how many there were."""

    added: int
    known: int
    rejected: list[Rejected]


def add_many(
    *,
    addresses: Sequence[str],
    channel: str,
    purpose: str = "",
    note: str = "",
    by: Member | None = None,
) -> Added:
    """Put phone numbers on the list that a program gives; those that are none are told apart.

    Raises:
        core.errors.Invalid: under `channel`, `purpose` or `note`.
    """
    check_options(channel=channel, purpose=purpose, note=note)
    numbers: list[str] = []
    rejected: list[Rejected] = []
    for index, address in enumerate(addresses):
        try:
            numbers.append(phones.parse(address).number)
        except phones.BadPhone as error:
            rejected.append(Rejected(index, error.code, str(error.error.message)))
    with transaction.atomic():
        added = suppress_all(
            addresses=numbers, channel=channel, purpose=purpose, note=note,
            reason=SuppressionReason.LIST, by=by,
        )  # fmt: skip
    return Added(len(added), len(numbers) - len(added), rejected)


def remove_suppression(*, suppression: Suppression, why: str, actor: str = "system") -> None:
    """Take an address off the list that people put there; the reason is kept in the log of events.

    Raises:
        core.errors.Invalid: under `why`, nothing was said.
        core.errors.Conflict: `suppression_stays`, the person, the provider or the law put it there.
    """
    if not why.strip():
        raise Invalid({"why": FieldError("required", _("Say why it may be written to again."))})
    if suppression.reason not in REMOVABLE:
        raise Conflict(
            "suppression_stays",
            _("This was not put here by your team. Record an opt-in on the contact instead."),
        )
    with transaction.atomic():
        suppression.delete()
        publish(
            SuppressionRemoved(
                channel=suppression.channel, purpose=suppression.purpose,
                masked=suppression.masked, why=why.strip()[:NOTE_LENGTH],
            ),
            actor=actor,
        )  # fmt: skip


def suppress(*, address: str, channel: str, purpose: str = "", reason: str = "") -> None:
    """Never write to this address again (for every purpose if none is given). May be repeated."""
    suppress_all(addresses=[address], channel=channel, purpose=purpose, reason=reason)


def suppress_all(
    *,
    addresses: Iterable[str],
    channel: str,
    purpose: str = "",
    reason: str = "",
    note: str = "",
    by: Member | None = None,
) -> set[str]:
    """The same for many addresses, in few statements; returns those that were not there yet (as
    HMACs).

    Args:
        reason: of SuppressionReason; by hand if empty.
    """
    reason = reason or SuppressionReason.MANUAL
    masks = {hmac: mask(address) for address, hmac in digests(addresses).items()}
    there = Suppression.objects.filter(address_hmac__in=masks, channel=channel, purpose=purpose)
    known = set(there.values_list("address_hmac", flat=True))
    Suppression.objects.bulk_create(
        [
            Suppression(
                address_hmac=hmac, channel=channel, purpose=purpose, reason=reason,
                note=note.strip(), masked=masks[hmac], created_by=by,
            )
            for hmac in sorted(set(masks) - known)
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    if known and reason not in _ORDINARY:
        there.filter(reason__in=_replaced_by(reason)).update(reason=reason, note=note.strip())
    return set(masks) - known


def _replaced_by(reason: str) -> Collection[str]:
    """The weaker reasons. A list is taken down by people, so it never hides a person's own word."""
    if reason == SuppressionReason.LIST:
        return (SuppressionReason.MANUAL,)
    return tuple(weaker for weaker in LIFTED_BY_OPT_IN if weaker != reason)


def lift(
    *,
    addresses: Iterable[str],
    channel: str,
    purpose: str = "",
    reasons: Collection[str] | None = None,
) -> int:
    """End the suppression of addresses for this purpose; returns how many lines went.

    Args:
        reasons: only those put up for one of these; any if None.
    """
    lines = Suppression.objects.filter(
        address_hmac__in=set(digests(addresses).values()), channel=channel, purpose=purpose
    )
    if reasons is not None:
        lines = lines.filter(reason__in=reasons)
    return lines.delete()[0]


def check_options(*, channel: str, purpose: str, note: str) -> None:
    """What a line, or a list of them, is about.

    Raises:
        core.errors.Invalid: under the field that does not fit.
    """
    if channel not in Channel.values:
        known = ", ".join(Channel.values)
        raise Invalid({"channel": _("Choose a channel: %(known)s.") % {"known": known}})
    if purpose and purpose not in Purpose.values:
        known = ", ".join(Purpose.values)
        raise Invalid({"purpose": _("Choose a purpose: %(known)s.") % {"known": known}})
    if len(note.strip()) > NOTE_LENGTH:
        raise Invalid({"note": _("A note has at most 120 characters.")})
