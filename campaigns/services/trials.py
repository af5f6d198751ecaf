"""A test send: the campaign's message to a few people of one's own, before it goes to everybody.

A message like any other, with the campaign's purpose and through the same gate: who has not agreed
to marketing, or wants no more of it, gets no test of it either. It belongs to no run, so it is
never counted in one (`Message.variant` says `test`). It makes no contact: whom somebody tries a
message on would be in the next audience.
"""

from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns import drafts
from campaigns.content import Content
from campaigns.enums import Step
from campaigns.models import Campaign
from campaigns.recipients import Run
from core import scope
from core.errors import FieldError, Invalid, TooMany
from core.ratelimit import Limiter
from crm.enums import IdentityKind
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
MOST_A_DAY = 50  # of one person; of all programs together
TRIALS = Limiter("campaign-trial")
_DAY = 24 * 60 * 60


def send_trial(
    *,
    campaign: Campaign,
    by: Member | None,
    contacts: Sequence[Contact] = (),
    phone: str = "",
    variant: str = "",
) -> list[Message]:
    """Send the message as it stands to a few contacts, or to a phone.

    Values that the contact has not are shown by the template's examples; links are not tracked.

    Args:
        phone: as typed, of a contact.
        variant: which content, the first if empty.

    Raises:
        core.errors.Invalid: the message is not complete, nobody or too many are named, or
            `phone` is none or no contact's.
        core.errors.Conflict: the gate denies it, with the reason's code and sentence.
        core.errors.TooMany: whoever asks has sent enough tests for today.
    """
    drafts.check(drafts.fields_of(campaign), drafts.FIELDS[Step.MESSAGE])
    with transaction.atomic():
        people = [*contacts, *([_contact_of(phone)] if phone.strip() else [])]
        if not 1 <= len(people) <= MOST:
            raise Invalid({"contacts": _("Name one to five people, or a phone.")})
        _count(len(people), by)
        run = Run(campaign)
        content = run.contents.by_key.get(variant, run.contents.first)
        return [_send(run, content, person, by) for person in people]


def _count(tests: int, by: Member | None) -> None:
    """Tests of a day; those that the gate then denies count too."""
    key = f"{scope.required_company_id()}:{by.pk if by else 'programs'}"
    decision = TRIALS.acquire(key, MOST_A_DAY / _DAY, MOST_A_DAY, cost=tests)
    if not decision.allowed:
        raise TooMany(
            "too_many_tests",
            _("A person may send %(most)d tests a day. Go on tomorrow, or start the campaign."),
            params={"most": MOST_A_DAY},
            retry_after=decision.retry_after,
        )


def _contact_of(phone: str) -> Contact:
    try:
        contact = identities.owner([identities.Known(IdentityKind.PHONE, phone)])
    except BadPhone:
        raise _wrong("invalid", _("This is no phone number that could be written to.")) from None
    if contact is None:
        raise _wrong(
            "contact_unknown",
            _("No contact has this phone. Add it under Contacts first, then send the test."),
        )
    return contact


def _wrong(code: str, message: Promise) -> Invalid:
    return Invalid({"phone": FieldError(code, message)})


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
        purpose=content.purpose,
        variant=TEST,
    )
