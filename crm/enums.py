"""Choices of contacts: how a person is known, what they allowed, how an import goes."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class IdentityKind(TextChoices):
    PHONE = "phone", _("Phone")  # E.164, canonical (Brazilian mobiles with the ninth digit)
    WA_ID = "wa_id", _("WhatsApp id")
    BSUID = "bsuid", _("WhatsApp business-scoped id")  # unique by connection
    LID = "lid", _("WhatsApp linked id")
    EMAIL = "email", _("E-mail")
    EXTERNAL = "external", _("External id")


class Channel(TextChoices):
    WHATSAPP = "whatsapp", _("WhatsApp")
    SMS = "sms", _("SMS")
    VOICE = "voice", _("Voice")


class Purpose(TextChoices):
    MARKETING = "marketing", _("Marketing")
    SERVICE = "service", _("Service")  # utility, authentication, replies


class ConsentAction(TextChoices):
    OPT_IN = "opt_in", _("Opted in")
    OPT_OUT = "opt_out", _("Opted out")
    # What a file said does not hold: nothing is on record again (crm.imports.undoing).
    UNDONE = "undone", _("Taken back")


class SuppressionReason(TextChoices):
    """Why an address is on the list. Only what people put there may people take down."""

    OPT_OUT = "opt_out", _("Asked for it")
    PROVIDER = "provider", _("Told by the provider")
    MANUAL = "manual", _("Added by hand")
    LIST = "list", _("Imported list")
    ERASED = "erased", _("Erased contact")


class FieldKind(TextChoices):
    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    DATE = "date", _("Date")
    CHOICE = "choice", _("Choice")
    YES_NO = "yes_no", _("Yes or no")
    MONEY = "money", _("Money")


class ImportKind(TextChoices):
    CONTACTS = "contacts", _("Contacts")
    SUPPRESSIONS = "suppressions", _("Suppression list")


class MatchBy(TextChoices):
    """By what an import finds the contact that a row is about; values are mapping targets too."""

    PHONE = "phone", _("Phone")
    EMAIL = "email", _("E-mail")
    EXTERNAL = "external_id", _("External id")


class ImportState(TextChoices):
    DRAFT = "draft", _("Waiting for the mapping")
    PENDING = "pending", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class UndoState(TextChoices):
    """How far the undo of an import is: counted first, done when somebody says so."""

    CHECKING = "checking", _("Counting")
    CHECKED = "checked", _("Counted")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")


class Likeness(IntegerChoices):
    """How sure it is that two contacts are one person."""

    POSSIBLE = 1, _("Possible")
    LIKELY = 2, _("Likely")
    CERTAIN = 3, _("Certain")


class SuggestionState(TextChoices):
    OPEN = "open", _("Open")
    DISMISSED = "dismissed", _("Not the same person")
    MERGED = "merged", _("Merged")


class ErasureReason(TextChoices):
    """Why a person is erased (LGPD, art. 16 and 18)."""

    REQUEST = "request", _("The person asked for it")
    REVOKED = "revoked", _("The person took their consent back")
    NOT_NEEDED = "not_needed", _("The data is not needed any more")
    AUTHORITY = "authority", _("An authority ordered it")
    MISTAKE = "mistake", _("It should never have been kept")


class ErasureState(TextChoices):
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")


class ExportFormat(TextChoices):
    XLSX = "xlsx", _("Excel file (XLSX)")
    CSV = "csv", _("Text file (CSV)")
    JSONL = "jsonl", _("JSON, an object a line")


class ExportState(TextChoices):
    PENDING = "pending", _("Being made")
    DONE = "done", _("Ready")
    FAILED = "failed", _("Failed")


class BulkAction(TextChoices):
    """What can be done with many contacts at once."""

    TAG = "tag", _("Add tags")
    UNTAG = "untag", _("Take tags off")
    LIST = "list", _("Put on a list")
    UNLIST = "unlist", _("Take off a list")
    DELETE = "delete", _("Delete")
    RESTORE = "restore", _("Bring back")


class BulkState(TextChoices):
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
