"""What contacts bring to the shell: a sidebar entry, a first-run step, a source of the palette."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.navigation import Entry, Found, Source, Step
from core.ui.formatting import phone
from crm.enums import IdentityKind
from crm.models import Contact
from crm.selectors import find_contacts, shown_identity


def _has_contacts() -> bool:
    return Contact.objects.alive().exists()


def _find(text: str, limit: int) -> Iterator[Found]:
    for contact in find_contacts(text, limit):
        number = phone(shown_identity(contact, IdentityKind.PHONE))
        yield Found(
            label=contact.name or number or str(_("Without a name")),
            hint=number,
            url=reverse("contact", args=[contact.pk]),
            icon="user",
        )


ENTRY = Entry(_("Contacts"), "contacts", "users", "contacts.view", order=30)
STEP = Step(
    title=_("Import your contacts"),
    why=_("Bring a spreadsheet of your customers: repeated numbers and errors are sorted out."),
    action=_("Import"),
    url_name="import-new",
    icon="users",
    permission="contacts.import",
    order=20,
    is_done=_has_contacts,
)
SOURCE = Source(label=_("Contacts"), permission="contacts.view", order=10, find=_find)
