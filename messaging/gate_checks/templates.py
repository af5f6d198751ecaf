"""A template must exist, be approved, and belong to the number's account."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from messaging.enums import MessageKind, TemplateStatus
from messaging.gate import Candidate, Moment, Verdict, Verdicts, delay, deny
from messaging.models import Template

# A paused template comes back by itself (three hours the first time) or by its status callback.
LOOK_AGAIN = timedelta(minutes=10)


def template(batch: Sequence[Candidate], moment: Moment) -> Verdicts:
    """Judges template messages alone."""
    items = [item for item in batch if item.kind == MessageKind.TEMPLATE]
    if not items:
        return {}
    templates = moment.templates(items)
    accounts = {pk: row.account_id for pk, row in moment.connections(batch).items()}
    return {
        item.id: verdict
        for item in items
        if (verdict := _judge(item, templates, accounts, moment)) is not None
    }


def _judge(
    item: Candidate,
    templates: dict[UUID, Template],
    accounts: dict[UUID, str],
    moment: Moment,
) -> Verdict | None:
    found = templates.get(item.template_id) if item.template_id else None
    if found is None or found.deleted_at is not None:
        return deny("template_missing")
    if found.account_id != accounts[item.connection_id]:
        return deny("template_other_account")
    if found.status == TemplateStatus.APPROVED:
        return None
    if item.stream_id is not None and found.status == TemplateStatus.PAUSED:
        return delay("template_paused", moment.now + LOOK_AGAIN, template=found.name)
    return deny("template_not_approved", status=found.status, template=found.name)
