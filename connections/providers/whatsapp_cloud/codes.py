"""What each code of the Cloud API means for us and what people can do about it.

Sources: Meta, "Cloud API error codes" (developers.facebook.com/documentation/business-messaging/
whatsapp/support/error-codes) and "Graph API error handling"; which of them are throttles or pass
by themselves is also read off nyaruka/courier (handlers/meta/whatsapp/api.go) and pywa
(pywa/errors.py).
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from connections.providers.base import FailureClass
from connections.providers.failures import Meaning

MINUTE = 60.0
HOUR = 3600.0
DAY = 24 * HOUR
PAIR_SECONDS = 6.0  # Meta: one message in six seconds for each pair of numbers

AUTH = FailureClass.AUTH
OPTED_OUT = FailureClass.OPTED_OUT
PACED = FailureClass.PACED
REJECTED = FailureClass.REJECTED
RETRYABLE = FailureClass.RETRYABLE
TEMPLATE = FailureClass.TEMPLATE
THROTTLED = FailureClass.THROTTLED


_NEW_TOKEN = _("Create a new permanent token for the system user and save it in the connection.")
_NO_PERMISSION = _(
    "Give the system user both WhatsApp permissions and full control of the account, then save a "
    "new token in the connection."
)
_SLOW_DOWN = _("Nothing to do: sending goes on by itself, more slowly.")
_BY_ITSELF = _("Nothing to do: we try again by ourselves.")
_CHECK_VALUES = _("Check the values of this message; if they look right, tell our support.")
_SEE_MANAGER = _("Open WhatsApp Manager, read what Meta asks for and solve it there.")
_SYNC_TEMPLATES = _("Sync the templates, look at this one and choose another if needed.")

# Whoever is shown the number's card has a token that works.
TOKEN_CODES = frozenset({"0", "3", "10", "33", "102", "104", "190", "131005"})

# A pause ends by itself; what is not there (or not approved) may be there again as well.
TEMPLATE_CODES = {
    "132001": "PAUSED",
    "132015": "PAUSED",
    "132016": "DISABLED",
    "132068": "PAUSED",
}

CODES: dict[int, Meaning] = {
    # -- token and permissions: nothing leaves until somebody acts
    0: Meaning(AUTH, _("Meta could not recognise our access."), _NEW_TOKEN),
    3: Meaning(AUTH, _("The token may not use this function."), _NO_PERMISSION),
    10: Meaning(AUTH, _("The token lacks a permission or it was taken away."), _NO_PERMISSION),
    33: Meaning(
        AUTH,
        _("The number no longer exists or the token may not use it."),
        _("Check in WhatsApp Manager that the number is still in this account."),
    ),
    102: Meaning(AUTH, _("Meta ended the session of the token."), _NEW_TOKEN),
    104: Meaning(AUTH, _("The request came without a token."), _NEW_TOKEN),
    190: Meaning(AUTH, _("The token has expired or was revoked."), _NEW_TOKEN),
    131005: Meaning(AUTH, _("The token lacks a permission."), _NO_PERMISSION),
    133010: Meaning(
        AUTH,
        _("The number is not registered at the Cloud API."),
        _("Register the number in WhatsApp Manager, then check the connection again."),
    ),
    # -- the account
    368: Meaning(AUTH, _("Meta blocked the account for a policy violation."), _SEE_MANAGER),
    131031: Meaning(AUTH, _("Meta locked the account."), _SEE_MANAGER),
    131042: Meaning(
        AUTH,
        _("There is a problem with the payment method of the account."),
        _("Add or mend the payment method in WhatsApp Manager, then resume the connection."),
    ),
    131044: Meaning(
        AUTH,
        _("There is a problem with the payment method of the account."),
        _("Add or mend the payment method in WhatsApp Manager, then resume the connection."),
    ),
    131045: Meaning(
        AUTH,
        _("The registration of the number has a problem."),
        _("Register the number again in WhatsApp Manager."),
    ),
    # -- too fast: the whole number waits
    4: Meaning(THROTTLED, _("Too many calls to Meta from this app."), _SLOW_DOWN, MINUTE),
    80007: Meaning(THROTTLED, _("Too many calls to Meta from this account."), _SLOW_DOWN, MINUTE),
    130429: Meaning(THROTTLED, _("The number sends faster than Meta allows."), _SLOW_DOWN, 2.0),
    131048: Meaning(
        THROTTLED,
        _("Meta limits this number because many people blocked or reported it."),
        _("Pause the campaigns and look at the quality of the number in WhatsApp Manager."),
        HOUR,
    ),
    131064: Meaning(
        THROTTLED,
        _("The number has reached its messaging limit."),
        _("Wait, or look in WhatsApp Manager at why Meta lowered the limit."),
        HOUR,
    ),
    133016: Meaning(
        THROTTLED,
        _("The number was registered too often in a short time."),
        _("Wait three days before you register it again."),
        HOUR,
    ),
    # -- this message may go later
    131056: Meaning(
        PACED,
        _("Too many messages to this person in a short time."),
        _BY_ITSELF,
        PAIR_SECONDS,
    ),
    131049: Meaning(
        RETRYABLE,
        _("Meta held this message back: this person gets many marketing messages."),
        _("We try again after a day; sending at once would not help."),
        DAY,
    ),
    1: Meaning(RETRYABLE, _("Meta had a passing problem."), _BY_ITSELF),
    2: Meaning(RETRYABLE, _("Meta was not available for a moment."), _BY_ITSELF),
    131000: Meaning(RETRYABLE, _("Something went wrong at Meta."), _BY_ITSELF),
    131016: Meaning(RETRYABLE, _("WhatsApp was not available for a moment."), _BY_ITSELF),
    131052: Meaning(RETRYABLE, _("Meta could not fetch the file."), _BY_ITSELF),
    131053: Meaning(
        RETRYABLE,
        _("Meta could not take the file."),
        _("We try again by ourselves; check the type and the size of the file if it repeats."),
    ),
    131057: Meaning(
        RETRYABLE,
        _("The number is being maintained by Meta, for example for a higher speed."),
        _BY_ITSELF,
        MINUTE,
    ),
    132069: Meaning(RETRYABLE, _("The form of this template is throttled."), _BY_ITSELF, HOUR),
    # -- never for this message
    100: Meaning(REJECTED, _("Meta does not accept a value of this message."), _CHECK_VALUES),
    130472: Meaning(
        REJECTED,
        _("Meta leaves this person out of marketing for an experiment of its own."),
        _("Reach this person in another way; sending again does not help."),
    ),
    130497: Meaning(
        REJECTED,
        _("The account may not write to people in this country."),
        _("See in WhatsApp Manager which countries are open to your kind of business."),
    ),
    131008: Meaning(REJECTED, _("A required value is missing."), _CHECK_VALUES),
    131009: Meaning(REJECTED, _("A value of this message is not valid."), _CHECK_VALUES),
    131021: Meaning(
        REJECTED,
        _("The number cannot write to itself."),
        _("Take this number off the audience."),
    ),
    131026: Meaning(
        REJECTED,
        _("The message cannot be delivered to this number."),
        _("It may have no WhatsApp, an old version, or not have accepted the terms. Check it."),
    ),
    131030: Meaning(
        REJECTED,
        _("A test number may only write to numbers on its list."),
        _("Add the person to the list in the app's panel or use a real number."),
    ),
    131037: Meaning(
        REJECTED,
        _("The display name of the number is not approved yet."),
        _("Follow the approval of the name in WhatsApp Manager."),
    ),
    131047: Meaning(
        REJECTED,
        _("This person has not written to you in the last 24 hours."),
        _("Send an approved template to reopen the conversation."),
    ),
    131051: Meaning(
        REJECTED,
        _("Meta does not take this type of message."),
        _("Send it as another type."),
    ),
    131062: Meaning(
        REJECTED,
        _("This person hides the phone number and this message needs it."),
        _("Ask the person for a phone number or send another type of message."),
    ),
    131063: Meaning(
        REJECTED,
        _("Marketing messages are turned off for this account."),
        _("Turn them on in WhatsApp Manager."),
    ),
    132005: Meaning(
        REJECTED,
        _("With its values filled in, the text is too long."),
        _("Shorten the values of this person or the text of the template."),
    ),
    132007: Meaning(
        REJECTED,
        _("A value holds characters that the template's policy forbids."),
        _CHECK_VALUES,
    ),
    132008: Meaning(REJECTED, _("A value does not have the template's format."), _CHECK_VALUES),
    135000: Meaning(REJECTED, _("Meta did not take the message."), _CHECK_VALUES),
    137000: Meaning(
        REJECTED,
        _("The identity of this person's phone has changed."),
        _("Wait until the person writes to you."),
    ),
    # -- the person
    131050: Meaning(
        OPTED_OUT,
        _("This person stopped marketing messages from your company in WhatsApp."),
        _("Nothing to do: the contact will get no more marketing."),
    ),
    # -- the template
    132000: Meaning(
        TEMPLATE, _("The number of values does not fit the template."), _SYNC_TEMPLATES
    ),
    132001: Meaning(
        TEMPLATE,
        _("The template does not exist in this language or is not approved."),
        _SYNC_TEMPLATES,
    ),
    132012: Meaning(TEMPLATE, _("A value does not fit the template."), _SYNC_TEMPLATES),
    132015: Meaning(
        TEMPLATE,
        _("Meta paused the template for low quality."),
        _("Choose another template, or wait until Meta opens it again."),
    ),
    132016: Meaning(
        TEMPLATE,
        _("Meta disabled the template for low quality."),
        _("Create a new template with other content."),
    ),
    132068: Meaning(TEMPLATE, _("The form of this template is blocked."), _SEE_MANAGER),
}

# Meta reserves the whole range for permissions.
API_PERMISSION = Meaning(AUTH, _("The token lacks a permission."), _NO_PERMISSION)
API_PERMISSION_CODES = range(200, 300)


def meaning(code: int) -> Meaning | None:
    """What is known of a code; None when Meta has a new one."""
    if code in API_PERMISSION_CODES:
        return API_PERMISSION
    return CODES.get(code)
