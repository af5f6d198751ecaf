"""How long contacts without activity, rows of imports and exported files are kept."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict
from core.keyset import cursor_at, past
from core.retention import COUNTED, Deleting, Forgotten, Kind, Later
from core.retention import register as register_kind
from crm.enums import ErasureReason, ErasureState
from crm.erasures import Erasure
from crm.exports.making import KEPT
from crm.models import Consent, Contact, ImportRow
from crm.querysets import ContactQuerySet
from crm.services import erasing

AT_ONCE = 20  # an erasure is several statements and work that follows it
# That work goes through tables; while so much of it waits, imports and exports would wait behind.
MOST_UNDER_WAY = 100


def register() -> None:
    """Called once, from AppConfig.ready()."""
    register_kind(
        Kind(
            code="contacts",
            label=_("Contacts without activity"),
            text=_(
                "People who neither wrote nor were written to in a conversation, and whose contact "
                "nobody changed. They are erased like at their own request; a file or form may "
                "bring them in again."
            ),
            default=None,
            least=180,
            most=None,
            order=10,
            sources=[Quiet()],
        )
    )
    register_kind(
        Kind(
            code="imports",
            label=_("Rows of imported files"),
            text=_(
                "Which row became which contact, and rows that were refused. The import's numbers "
                "stay; the files themselves are deleted as soon as they are read."
            ),
            default=365,
            least=30,  # an import can be undone as long
            most=None,
            order=40,
            sources=[
                Deleting(
                    "crm.ImportRow",
                    lambda before: ImportRow.objects.filter(batch__finished_at__lt=before),
                )
            ],
        )
    )
    register_kind(
        Kind(
            code="exports",
            label=_("Exported files"),
            text=_("Files of contacts and of campaigns' recipients. They are deleted after a day."),
            default=KEPT.days,
            least=KEPT.days,
            most=KEPT.days,
            order=50,
        )
    )


class Quiet:
    """Contacts that nothing happened to for long."""

    name = "crm.Contact"

    def count(self, before: datetime) -> int:
        """See `core.retention.Source`."""
        return self._rows(before)[:COUNTED].count()

    def forget(self, before: datetime, place: str) -> Forgotten:
        """See `core.retention.Source`. The place is of one night: many may be quiet whom somebody
        changed, and each batch would look at all of them again."""
        under_way = Erasure.objects.filter(state=ErasureState.RUNNING)
        if under_way[:MOST_UNDER_WAY].count() == MOST_UNDER_WAY:
            raise Later
        rows = past(self._rows(before), cursor=place, field="last_active_at", ascending=True)
        found = list(rows.order_by("last_active_at", "pk")[:AT_ONCE])
        is_done = len(found) < AT_ONCE
        following = "" if is_done else cursor_at(found[-1], "last_active_at")
        return Forgotten(sum(map(_erase, found)), following, is_done)

    def _rows(self, before: datetime) -> ContactQuerySet:
        said = Consent.objects.filter(contact=OuterRef("pk"), at__gte=before)
        return Contact.objects.alive().filter(
            ~Exists(said), last_active_at__lt=before, updated_at__lt=before
        )


def _erase(contact: Contact) -> bool:
    try:
        erasing.erase(contact=contact, reason=ErasureReason.NOT_NEEDED, is_barred=False)
    except Conflict:
        return False
    return True
