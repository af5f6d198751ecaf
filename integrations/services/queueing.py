"""What has to be told to another system, as rows: written where it happens, sent by a worker."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import agenda
from core.errors import Conflict, Invalid
from crm.models import Contact
from integrations.agenda import PUSH
from integrations.enums import IntegrationState, NoteSight, PushKind, PushState
from integrations.models import Integration, Push
from integrations.registry import provider
from integrations.services import states

NOTE_LENGTH = 20_000


@transaction.atomic
def send_contact(*, integration: Integration, contact: Contact) -> None:
    """Have a contact sent as it is when its turn comes; one that waits already waits once."""
    _refuse_unless_ready(integration)
    _insert(Push(integration=integration, kind=PushKind.CONTACT, contact=contact))


@transaction.atomic
def send_note(
    *, integration: Integration, contact: Contact, text: str, key: str, sight: str = ""
) -> None:
    """Have a note put on the contact's lead (made if there is none).

    Args:
        key: what makes it the same note; it is sent once for each.
        sight: of `NoteSight`; empty: as the integration's settings say.

    Raises:
        core.errors.Invalid: no text, or too long a one.
        core.errors.Conflict: `not_connected`.
    """
    _refuse_unless_ready(integration)
    if not text.strip() or len(text) > NOTE_LENGTH:
        raise Invalid({"text": _("A note has 1 to 20,000 characters.")})
    if sight and sight not in NoteSight.values:
        raise Invalid({"sight": _("Choose from the list.")})
    data = {"text": text.strip(), "sight": sight}
    _insert(Push(integration=integration, kind=PushKind.NOTE, contact=contact, data=data, key=key))


@transaction.atomic
def retry(*, push: Push) -> None:
    """Send once more what failed.

    Raises:
        core.errors.Conflict: `not_failed`; `not_connected`.
    """
    row = Push.objects.select_for_update().select_related("integration").get(pk=push.pk)
    _refuse_unless_ready(row.integration)
    if row.state != PushState.FAILED:
        raise Conflict("not_failed", _("Only what failed can be sent again."))
    # One try is remembered: it may have arrived, so the next one looks first.
    row.state, row.attempts, row.due_at = PushState.WAITING, 1, timezone.now()
    row.code = row.error = ""
    row.finished_at = None
    row.save()
    agenda.append(PUSH, str(row.integration_id))
    states.show()


@transaction.atomic
def retry_failed(*, integration: Integration) -> int:
    """The same for all that failed; how many those are."""
    _refuse_unless_ready(integration)
    failed = Push.objects.filter(integration=integration, state=PushState.FAILED)
    count = failed.update(
        state=PushState.WAITING, attempts=1, due_at=timezone.now(), code="", error="",
        finished_at=None,
    )  # fmt: skip
    if count:
        agenda.append(PUSH, str(integration.pk))
        states.show()
    return count


def _insert(push: Push) -> None:
    """One that is there already (by its key, or waiting for the same contact) stays alone."""
    Push.objects.bulk_create([push], ignore_conflicts=True)
    agenda.append(PUSH, str(push.integration_id))


def _refuse_unless_ready(integration: Integration) -> None:
    is_able = provider(integration.provider).capabilities.pushes
    if integration.state == IntegrationState.DISCONNECTED or not is_able:
        raise Conflict("not_connected", _("Connect this system first."))
