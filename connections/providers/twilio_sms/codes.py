"""What each code of Twilio's messaging means for us and what people can do about it.

Source: Twilio, "Error and warning dictionary" (twilio.com/docs/api/errors): 20xxx of the API,
21xxx of creating a message, 30xxx of its delivery.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from connections.providers.failures import FailureClass, Meaning

MINUTE = 60.0
HOUR = 3600.0

AUTH = FailureClass.AUTH
OPTED_OUT = FailureClass.OPTED_OUT
REJECTED = FailureClass.REJECTED
RETRYABLE = FailureClass.RETRYABLE
THROTTLED = FailureClass.THROTTLED

_NEW_TOKEN = _("Copy the account SID and the auth token again and save them in the connection.")
_SEE_CONSOLE = _("Open Twilio's console, read what it asks for and solve it there.")
_SLOW_DOWN = _("Nothing to do: sending goes on by itself, more slowly.")
_BY_ITSELF = _("Nothing to do: we try again by ourselves.")
_CORRECT_NUMBER = _("Correct the phone number of the contact.")
_OTHER_NUMBER = _("Ask the contact for a mobile number, or write on another channel.")
_LATER = _("Try again later, or write on another channel.")
_REWORD = _("Change the text: no shortened links, no capitals, say who you are, offer PARAR.")

# Whoever is shown the number's card has a token that works.
TOKEN_CODES = frozenset({"20003", "20404", "21212", "21606"})

CODES: dict[int, Meaning] = {
    # -- token, account and number: nothing leaves until somebody acts
    20003: Meaning(AUTH, _("Twilio does not accept the auth token."), _NEW_TOKEN),
    20005: Meaning(AUTH, _("The Twilio account is suspended or closed."), _SEE_CONSOLE),
    20006: Meaning(AUTH, _("The Twilio account may not do this."), _SEE_CONSOLE),
    20404: Meaning(
        AUTH,
        _("Twilio knows no such account or number."),
        _("Check in Twilio's console that the number is still in this account."),
    ),
    21212: Meaning(
        AUTH,
        _("The sending number is not valid."),
        _("Check in Twilio's console that the number is still in this account."),
    ),
    21606: Meaning(
        AUTH,
        _("The sending number cannot send text messages from this account."),
        _("Choose a number that can send SMS, or check the number in Twilio's console."),
    ),
    21703: Meaning(AUTH, _("The messaging service has no number that can send."), _SEE_CONSOLE),
    21704: Meaning(AUTH, _("The messaging service has no number that can send."), _SEE_CONSOLE),
    21705: Meaning(AUTH, _("The messaging service does not exist."), _SEE_CONSOLE),
    30002: Meaning(AUTH, _("The Twilio account is suspended."), _SEE_CONSOLE),
    30032: Meaning(AUTH, _("The toll-free number is not verified."), _SEE_CONSOLE),
    30034: Meaning(AUTH, _("The number is not registered for messages to the USA."), _SEE_CONSOLE),
    # -- too fast: the whole number waits
    14107: Meaning(THROTTLED, _("The number sends faster than Twilio allows."), _SLOW_DOWN, 5.0),
    20429: Meaning(THROTTLED, _("Too many requests to Twilio at once."), _SLOW_DOWN, 5.0),
    21611: Meaning(
        THROTTLED, _("The number has more messages waiting than Twilio allows."), _SLOW_DOWN, MINUTE
    ),
    30001: Meaning(THROTTLED, _("Messages waited too long at Twilio."), _SLOW_DOWN, MINUTE),
    30022: Meaning(
        THROTTLED, _("The operators limit how fast this number sends."), _SLOW_DOWN, 5.0
    ),
    30023: Meaning(THROTTLED, _("The number has reached its limit of the day."), _SLOW_DOWN, HOUR),
    63038: Meaning(THROTTLED, _("The account has reached its limit of the day."), _SLOW_DOWN, HOUR),
    # -- this message may go later
    20500: Meaning(RETRYABLE, _("Twilio had a fault."), _BY_ITSELF),
    20503: Meaning(RETRYABLE, _("Twilio is not available."), _BY_ITSELF),
    30017: Meaning(
        RETRYABLE, _("The network of the contact is congested."), _BY_ITSELF, 10 * MINUTE
    ),
    30410: Meaning(RETRYABLE, _("The operator did not answer in time."), _BY_ITSELF, MINUTE),
    # -- the person
    21610: Meaning(
        OPTED_OUT,
        _("The contact answered STOP: the operator blocks messages from this number."),
        _("Respect it. They can opt in again by answering START."),
    ),
    # -- never for this message
    21211: Meaning(REJECTED, _("The contact's number is not valid."), _CORRECT_NUMBER),
    21217: Meaning(REJECTED, _("The contact's number is not valid."), _CORRECT_NUMBER),
    21265: Meaning(REJECTED, _("Text messages cannot go to a short number."), _CORRECT_NUMBER),
    21266: Meaning(REJECTED, _("A number cannot write to itself."), _CORRECT_NUMBER),
    21408: Meaning(
        REJECTED,
        _("The account may not send to this country."),
        _("Allow the country in Twilio's console under Messaging → Settings → Geo permissions."),
    ),
    21602: Meaning(REJECTED, _("The message has no text."), _("Write a text and send it again.")),
    21604: Meaning(REJECTED, _("The message has no recipient."), _CORRECT_NUMBER),
    21608: Meaning(
        REJECTED,
        _("A trial account sends to verified numbers alone."),
        _("Verify the number in Twilio's console, or upgrade the account."),
    ),
    21612: Meaning(
        REJECTED,
        _("No message can go from this number to that one."),
        _("Send through a number of the contact's country."),
    ),
    21614: Meaning(REJECTED, _("The contact's number is no mobile number."), _OTHER_NUMBER),
    21617: Meaning(
        REJECTED, _("The text is too long for an SMS."), _("Use at most 1,600 characters.")
    ),
    21619: Meaning(REJECTED, _("The message has no text."), _("Write a text and send it again.")),
    30003: Meaning(REJECTED, _("The phone is off or out of reach."), _LATER),
    30004: Meaning(
        REJECTED, _("The operator or the phone blocks messages of this number."), _LATER
    ),
    30005: Meaning(REJECTED, _("The number does not exist or is not in use."), _CORRECT_NUMBER),
    30006: Meaning(
        REJECTED, _("The number is a landline, or its operator takes no SMS."), _OTHER_NUMBER
    ),
    30007: Meaning(REJECTED, _("The operator filtered the message as unwanted."), _REWORD),
    30008: Meaning(REJECTED, _("The operator gave no reason for the failure."), _LATER),
    30010: Meaning(REJECTED, _("The message costs more than the account allows."), _SEE_CONSOLE),
    30018: Meaning(REJECTED, _("The operator refused the destination."), _LATER),
    30024: Meaning(REJECTED, _("The operator does not accept this sender."), _SEE_CONSOLE),
    30035: Meaning(REJECTED, _("The operator blocked the message."), _REWORD),
}
# -- buying and changing numbers
_NUMBERS: dict[int, Meaning] = {
    21404: Meaning(
        REJECTED,
        _("A trial account has one number at most."),
        _("Upgrade the account in Twilio's console."),
    ),
    21421: Meaning(REJECTED, _("This is no number of Twilio's."), _("Choose another number.")),
    21422: Meaning(
        REJECTED,
        _("Somebody else has just taken this number."),
        _("Search again and choose another number."),
    ),
    21452: Meaning(REJECTED, _("There is no number with these digits."), _("Try other digits.")),
    21631: Meaning(
        REJECTED, _("This country needs a registered address."), _("Register it in the console.")
    ),
    21649: Meaning(
        REJECTED,
        _("This country needs proof of who you are."),
        _("Submit a regulatory bundle in Twilio's console, then buy the number there."),
    ),
    21402: Meaning(
        REJECTED,
        _("Twilio cannot reach our address."),
        _("Open this installation under an address of the public internet."),
    ),
}
CODES |= _NUMBERS


def meaning(code: int) -> Meaning | None:
    """What a code means; None for one we do not know."""
    return CODES.get(code)
