"""A test send: the campaign's message to a few people of one's own, before it goes to everybody.

A message like any other, through the same gate; it belongs to no run, so it is never counted in
one (`Message.variant` says `test`).
"""

from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from campaigns import drafts
from campaigns.content import Content
from campaigns.enums import Step
from campaigns.models import Campaign
from campaigns.recipients import Run
from core.errors import Invalid
from crm.enums import IdentityKind, Purpose
from crm.models import Contact
from crm.phones import BadPhone
from crm.services import identities
from messaging import bodies
from messaging.enums import TEST, Origin
from messaging.models import Message
from messaging.rendering import examples
from messaging.services import outbox
from team.models import Member

MOST = 5


def send_trial(
    *,
    campaign: Campaign,
    by: Member | None,
    contacts: Sequence[Contact] = (),
    phone: str = "",
    variant: str = "",
) -> list[Message]:
    """Send the message as it stands to a few contacts, or to a phone, as a service message.

    Values that the contact has not are shown by the template's examples; links are not tracked.

    Args:
        phone: as typed; a contact is made for it when nobody has it.
        variant: which content, the first if empty.

    Raises:
        core.errors.Invalid: the message is not complete, nobody or too many are named, or
            `phone` is none.
        core.errors.Conflict: the gate denies it, with the reason's code and sentence.
    """
    drafts.check(drafts.fields_of(campaign), drafts.FIELDS[Step.MESSAGE])
    people = [*contacts, *([_contact_of(phone)] if phone.strip() else [])]
    if not 1 <= len(people) <= MOST:
        raise Invalid({"contacts": _("Name one to five people, or a phone.")})
    run = Run(campaign)
    content = run.contents.by_key.get(variant, run.contents.first)
    with transaction.atomic():
        return [_send(run, content, person, by) for person in people]


def _contact_of(phone: str) -> Contact:
    try:
        contact, _is_new = identities.resolve(
            known=[identities.Known(IdentityKind.PHONE, phone)], source="manual"
        )
    except BadPhone:
        raise Invalid({"phone": _("This is no phone number that could be written to.")}) from None
    return contact


def _send(run: Run, content: Content, contact: Contact, by: Member | None) -> Message:
    person = run.people([contact.pk])[contact.pk]
    known, _empty = content.values_of(person)
    shown = examples(content.template) | {name: value for name, value in known.items() if value}
    connection_id, address = run.places([contact.pk])[contact.pk]
    body = bodies.template(content.template, shown)
    return outbox.send(
        contact=contact,
        connection=run.numbers[connection_id],
        address=address,
        body=replace(body, media=content.media),
        origin=Origin.CAMPAIGN,
        author=by,
        purpose=Purpose.SERVICE,
        variant=TEST,
    )
