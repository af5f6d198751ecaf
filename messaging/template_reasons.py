"""Why a template was rejected or paused, in everyday words.

Source: Meta, "Template status updates" (rejected_reason and reason).
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_REASONS: dict[str, str | Promise] = {
    "ABUSIVE_CONTENT": _("Meta found the content abusive."),
    "CATEGORY_NOT_AVAILABLE": _("The category is not available for this account."),
    "INCORRECT_CATEGORY": _("The content does not fit the category. Choose another one."),
    "INVALID_FORMAT": _("A variable or an example does not have the right format."),
    "PROMOTIONAL": _("The content is an offer: choose the category Marketing."),
    "SCAM": _("Meta sees the signs of a scam: promises of money, prizes, data asked for."),
    "TAG_CONTENT_MISMATCH": _("The text is not in the language of the template."),
}


def reason_of(text: str) -> str | Promise:
    """The sentence for a reason of the provider's; its own words when it is a new one."""
    return _REASONS.get(text.partition(":")[0].strip().upper(), text)
