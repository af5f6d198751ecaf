"""What contacts themselves bring to the timeline: how they came in and what they allowed."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from crm.enums import ConsentAction
from crm.models import Contact
from crm.registry import Entry, Timeline

_TONES = {
    ConsentAction.OPT_IN: "success",
    ConsentAction.OPT_OUT: "danger",
    ConsentAction.UNDONE: "neutral",
}


def _load(contact: Contact, limit: int) -> Iterator[Entry]:
    batch = contact.created_by_import
    yield Entry(
        at=contact.created_at,
        icon="user-plus",
        title=_("Contact created"),
        text=_("Imported from %(file)s") % {"file": batch.filename} if batch else "",
    )
    for line in contact.consents.order_by("-at", "-id")[:limit]:
        is_opt_in = line.action == ConsentAction.OPT_IN
        yield Entry(
            at=line.at,
            icon="shield-check" if is_opt_in else "shield-off",
            title=f"{line.get_action_display()} · {line.get_channel_display()}, "
            f"{line.get_purpose_display().lower()}",
            text=line.source,
            tone=_TONES[ConsentAction(line.action)],
        )


SOURCE = Timeline(name="crm", permission="contacts.view", load=_load)
