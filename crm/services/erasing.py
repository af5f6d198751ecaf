"""Erasing a person (LGPD, art. 18 VI): at once what names them, the rest in small pieces.

`erase` takes name, addresses and search away in one transaction, lays the tombstones and leaves an
`Erasure`. The agenda's `run` goes through the participants of `crm.lifecycle` and the places of
`crm.traces`, a thousand rows a transaction, each with how far it came: whatever dies, the next
wake-up goes on behind it. What is kept and why: docs/decisions/22-erasing.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import agenda, realtime, scope
from core.errors import Conflict, Invalid
from crm import lifecycle, traces
from crm.enums import Channel, ErasureReason, ErasureState, IdentityKind, Purpose, SuppressionReason
from crm.erasures import Erasure
from crm.events import ContactErased
from crm.models import Contact, ContactMerge, Identity, Suppression
from crm.services import tombstones
from crm.services.suppressions import suppress_all
from crm.suppression_key import digests
from crm.tag_counts import recount
from crm.traces import Found, Later, Subject
from events.bus import publish
from team.models import Member

KIND = "crm.erase"
LATER = timedelta(seconds=5)
_WRITTEN_TO = (IdentityKind.PHONE, IdentityKind.WA_ID, IdentityKind.BSUID, IdentityKind.LID)
_NOBODY: dict[str, Any] = {
    "name": "",
    "attributes": {},
    "language": "",
    "timezone": "",
    "search": None,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of rows that the erasing goes through; its name is where it stands."""

    name: str
    counted_as: str
    do: Callable[[Subject, str], Found]


@transaction.atomic
def erase(
    *,
    contact: Contact,
    reason: str,
    by: Member | None = None,
    actor: str = "system",
    is_barred: bool = True,
) -> Erasure:
    """Begin to erase a contact, deleted or not, and all contacts that were merged into it.

    Nobody finds or writes to the person from this moment on; the rest follows by `run`.

    Args:
        is_barred: nobody but the person brings them back, and there is no marketing before a new
            opt-in. False where nobody asked for it: data that was kept long enough.

    Raises:
        core.errors.Invalid: under `reason`.
        core.errors.Conflict: `contact_erased` already; `contact_merged`, it is part of another
            contact, and that one is to be erased.
    """
    if reason not in ErasureReason.values:
        known = ", ".join(ErasureReason.values)
        raise Invalid({"reason": _("Choose a reason: %(known)s.") % {"known": known}})
    contacts = _locked(contact)
    now = timezone.now()
    subject = Subject(
        contacts=tuple(row.pk for row in contacts),
        addresses=tuple(sorted(_addresses([row.pk for row in contacts]))),
        names=tuple(sorted({row.name for row in contacts} - {""})),
        until=now,
    )
    erasure = Erasure.objects.create(  # type: ignore[misc]  # the encrypted column
        contact=contact,
        contacts=[str(pk) for pk in subject.contacts],
        reason=reason,
        subject=subject.as_json(),
        requested_by=by,
        requested_at=now,
    )
    if is_barred:
        tombstones.lay(erasure=erasure, addresses=subject.addresses)
    _suppress(subject, is_barred=is_barred)
    rows = Contact.objects.filter(pk__in=subject.contacts)
    rows.filter(deleted_at=None).update(deleted_at=now)
    rows.update(**_NOBODY)
    erasure.counts = {
        _IDENTITIES: Identity.objects.filter(contact__in=subject.contacts).delete()[0]
    }
    erasure.save(update_fields=["counts"])
    publish(ContactErased(contact=contact.pk, erasure=erasure.pk), actor=actor)
    agenda.append(KIND, str(erasure.pk))
    return erasure


def run(key: str) -> None:
    """The agenda's handler: two seconds of erasing, then the rest at the next wake-up."""
    try:
        agenda.in_slices(KIND, key, partial(_batch, UUID(key)))
    except Later:
        with transaction.atomic():
            agenda.append(KIND, key, timezone.now() + LATER)


def due(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Erasures that are not finished; the agenda's question."""
    running = Erasure.objects.filter(state=ErasureState.RUNNING)
    if key is not None:
        running = running.filter(pk=key)
    return [(str(pk), at) for pk, at in running.values_list("pk", "requested_at")]


def lines_of(erasure: Erasure) -> list[tuple[str | Promise, int]]:
    """What a certificate lists: each kind of rows with how many were erased."""
    labels = {one.name: one.label for one in lifecycle.participants()}
    labels |= {one.name: one.label for one in traces.places()}
    counts: dict[str | Promise, int] = {}
    for name, count in erasure.counts.items():
        label = labels.get(name, name)
        counts[label] = counts.get(label, 0) + count
    return [(label, count) for label, count in counts.items() if count]


@transaction.atomic
def _batch(erasure_id: UUID) -> bool:
    """One batch and where it stands afterwards; False when there is no more to do."""
    running = Erasure.objects.select_for_update().filter(state=ErasureState.RUNNING)
    erasure = running.filter(pk=erasure_id).first()
    if erasure is None:
        return False
    steps = {step.name: step for step in _steps()}
    names = list(steps)
    if erasure.step not in steps:  # the first time, or another version began it
        erasure.step, erasure.cursor = names[0], ""
    step = steps[erasure.step]
    subject = Subject.from_json(erasure.subject, erasure.requested_at)
    found = step.do(subject, erasure.cursor)
    if found.count:
        before = erasure.counts.get(step.counted_as, 0)
        erasure.counts = {**erasure.counts, step.counted_as: before + found.count}
    erasure.cursor = found.cursor or ""
    if found.cursor is None:
        if step.name == names[-1]:
            _finish(erasure)
            return False
        erasure.step = names[names.index(step.name) + 1]
    erasure.save(update_fields=["step", "cursor", "counts"])
    return True


def _steps() -> Iterator[Step]:
    """Rows of contacts, the highest app's first; then places; then rows again, for what came in
    while a place was searched."""
    participants = list(reversed(lifecycle.participants()))
    for one in participants:
        yield Step(one.name, one.name, partial(_erase_rows, one))
    for place in traces.places():
        yield Step(place.name, place.name, place.erase)
    for one in participants:
        yield Step(f"again {one.name}", one.name, partial(_erase_rows, one))


def _erase_rows(one: lifecycle.Participant, subject: Subject, _cursor: str) -> Found:
    count = one.erase(subject.contacts)
    return Found(count, one.name[:64] if count else None)


def _finish(erasure: Erasure) -> None:
    erasure.state, erasure.finished_at = ErasureState.DONE, timezone.now()
    erasure.subject, erasure.step, erasure.cursor = {}, "", ""
    erasure.save()
    recount()
    realtime.push(scope.required_company_id(), "contacts", "erased", str(erasure.pk))


def _locked(contact: Contact) -> list[Contact]:
    """The contact and all that were merged into it, locked in the order of their ids."""
    if Erasure.objects.filter(contacts__contains=[str(contact.pk)]).exists():
        raise Conflict("contact_erased", _("This person is erased already."))
    if ContactMerge.objects.filter(gone=contact, undone_at=None).exists():
        raise Conflict(
            "contact_merged",
            _("This contact is part of another one. Erase that one, or undo the merge first."),
        )
    ids, found = {contact.pk}, {contact.pk}
    while found:
        merges = ContactMerge.objects.filter(kept__in=found, undone_at=None)
        found = set(merges.values_list("gone_id", flat=True)) - ids
        ids |= found
    return list(Contact.objects.filter(pk__in=ids).order_by("pk").select_for_update())


def _addresses(contacts: list[UUID]) -> set[str]:
    """How they are and were known, as far as any row says."""
    return set().union(*(one.addresses(contacts) for one in lifecycle.participants()))


def _suppress(subject: Subject, *, is_barred: bool) -> None:
    """No marketing, should they write again, until they agree to it; and no mask of them."""
    held = Identity.objects.filter(contact__in=subject.contacts, kind__in=_WRITTEN_TO)
    addresses = set(held.values_list("value", flat=True))
    for channel in Channel.values if is_barred else ():
        suppress_all(
            addresses=addresses,
            channel=channel,
            purpose=Purpose.MARKETING,
            reason=SuppressionReason.ERASED,
        )
    lines = Suppression.objects.filter(address_hmac__in=set(digests(subject.addresses).values()))
    lines.update(masked="", note="")


_IDENTITIES = "crm.Identity.contact"
