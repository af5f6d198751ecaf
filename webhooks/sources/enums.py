from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SourceState(TextChoices):
    ACTIVE = "active", _("Active")
    INACTIVE = "inactive", _("Switched off")


class ReceivedState(TextChoices):
    RECEIVED = "received", _("Received")
    PROCESSED = "processed", _("Processed")
    IGNORED = "ignored", _("Not used")  # kept, visible, and read again whenever somebody asks
    RETRY = "retry", _("Trying again")
    DEAD = "dead", _("Given up")


class Outcome(TextChoices):
    """Why a post came to what it came to."""

    TOLD = "told", _("Became an event")
    REPEATED = "repeated", _("The same event was told before")
    UNMAPPED = "unmapped", _("No field says what happened: map it")
    UNREAD = "unread", _("It is not written in a form that can be read")
    NOTHING = "nothing", _("It says nothing that is of use here")
    SAMPLE = "sample", _("A sample that somebody pasted")


class Unreadable(TextChoices):
    """Why the bytes of a post could not be turned into data; the bytes are kept all the same."""

    EMPTY = "empty", _("It is empty.")
    NOT_TEXT = "not_text", _("It is not text in UTF-8.")
    NOT_JSON = "not_json", _("It is not valid JSON.")
    TOO_DEEP = "too_deep", _("It is nested too deeply.")
    TOO_BIG_NUMBER = "too_big_number", _("It holds a number that is too big.")
    BAD_CHARACTER = "bad_character", _("It holds a character that cannot be stored.")
    NOT_A_FORM = "not_a_form", _("It is not the form that it says it is.")
    OTHER_KIND = "other_kind", _("It is neither JSON nor a form.")


class Scheme(TextChoices):
    """How a source proves that it is the one that posts."""

    NONE = "none", _("No check: whoever knows the address can post")
    HEADER = "header", _("A secret in a header")
    BEARER = "bearer", _("A bearer token (Authorization)")
    QUERY = "query", _("A token in the address")
    HMAC = "hmac", _("A signature of the body (HMAC)")
    STANDARD = "standard", _("Standard Webhooks")
    RSA = "rsa", _("A signature with the vendor's own key (RSA)")
    MERCADO_PAGO = "mercado_pago", _("Mercado Pago's signature")
