"""What the wizard offers to choose from."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from connections.models import Connection
from messaging.enums import TemplateStatus
from messaging.models import Template
from messaging.template_parts import part

OFFERED = 30  # templates that a picker lists at first; its search finds the others
SNIPPET = 120


def sendable_templates(numbers: Collection[Connection], *, q: str = "") -> QuerySet[Template]:
    """Approved templates of the numbers' accounts; of all accounts while no number is chosen.

    Args:
        q: words of the name or of the text.
    """
    if numbers:
        accounts: Any = {number.account_id for number in numbers}
    else:
        accounts = Connection.objects.filter(deleted_at=None).values("account_id")
    rows = Template.objects.filter(
        status=TemplateStatus.APPROVED, deleted_at=None, account_id__in=accounts
    )
    for word in q.split():
        rows = rows.filter(Q(name__icontains=word) | Q(components__icontains=word))
    return rows.order_by("name", "language")


def offered(rows: QuerySet[Template], chosen: Template | None = None) -> Sequence[dict[str, Any]]:
    """The first of them as a picker's lines, the chosen one always among them."""
    found = list(rows[:OFFERED])
    if chosen is not None and chosen not in found:
        found.insert(0, chosen)
    return [{"template": one, "snippet": _snippet(one)} for one in found]


def _snippet(template: Template) -> str:
    return str(part(template.components, "BODY").get("text") or "")[:SNIPPET]
