"""The number, its account and the token: are they right, and where do callbacks go.

Source: Twilio, "Account resource", "IncomingPhoneNumber resource", "Services resource".
"""

from __future__ import annotations

import re
from typing import Any

import phonenumbers
from django.utils.translation import gettext_lazy as _

from connections.providers.base import (
    Credentials,
    FailureClass,
    NumberInfo,
    ProviderError,
    WrongCredentialError,
)
from connections.providers.loose import mapping, text
from connections.providers.twilio_sms import client
from connections.providers.twilio_sms.addresses import (
    account_url,
    callback_url,
    is_service,
    service_url,
)
from connections.providers.twilio_sms.forms import (
    ACCOUNT_ID,
    AUTH_TOKEN,
    NUMBER_ID,
    auth_token_of,
)

ACTIVE = "active"
NUMBERS, NUMBER_ROWS = "IncomingPhoneNumbers.json", "incoming_phone_numbers"
_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_PUNCTUATION = re.compile(r"[\s().-]")


def check(credentials: Credentials) -> NumberInfo:
    """The number's card. Raises ProviderError."""
    account = client.get(credentials, account_url(credentials))
    if text(account, "status") not in ("", ACTIVE):
        raise ProviderError(FailureClass.AUTH, "20005", text(account, "status"))
    if is_service(credentials.number_id):
        service = client.get(credentials, service_url(credentials))
        name = text(service, "friendly_name")
        return NumberInfo(name, name, number_id=credentials.number_id)
    number = find(credentials, credentials.number_id)
    if number is None:
        raise ProviderError(FailureClass.AUTH, "20404", "not in the account")
    if mapping(number, "capabilities").get("sms") is not True:
        raise ProviderError(FailureClass.AUTH, "21606", "cannot send SMS")
    e164, name = text(number, "phone_number"), text(number, "friendly_name")
    return NumberInfo(_shown(e164), "" if name == e164 else name, number_id=e164)


def verify(credentials: Credentials) -> NumberInfo:
    """The number's card, or which value does not hold.

    Raises:
        WrongCredentialError: names the value.
        ProviderError: Twilio could not be asked at all.
    """
    if not _ACCOUNT.fullmatch(credentials.account_id):
        raise _wrong(ACCOUNT_ID, _NO_ACCOUNT)
    token = auth_token_of(credentials)
    if not (token.isascii() and token.isprintable()):  # a quotation mark came along, say
        raise _wrong(AUTH_TOKEN, _NO_TOKEN)
    try:
        client.get(credentials, account_url(credentials))
    except ProviderError as error:
        raise _named(error, AUTH_TOKEN, _NO_TOKEN) from error
    asked = Credentials(written(credentials.number_id), credentials.account_id, credentials.secrets)
    if not (_NUMBER.fullmatch(asked.number_id) or _SERVICE.fullmatch(asked.number_id)):
        raise _wrong(NUMBER_ID, _NO_NUMBER)
    try:
        return check(asked)
    except ProviderError as error:
        sentence = _MUTE if error.code == "21606" else _NOT_OURS
        raise _named(error, NUMBER_ID, sentence) from error


def written(number_id: str) -> str:
    """A number as people write it, in E.164; other ids as they are."""
    return _PUNCTUATION.sub("", number_id)


def find(credentials: Credentials, number: str) -> dict[str, Any] | None:
    """The account's row of a number; None if it has no such one."""
    rows = client.rows(credentials, NUMBERS, NUMBER_ROWS, {"PhoneNumber": number})
    return next((row for row in rows if text(row, "phone_number") == number), None)


def subscribe(credentials: Credentials, *, address: str) -> None:
    """Have what people write come to `address`; receipts go there by each message's own word."""
    url = callback_url(credentials, url=address) if address else ""
    if is_service(credentials.number_id):
        form = {"InboundRequestUrl": url, "InboundMethod": "POST", "UseInboundWebhookOnNumber": ""}
        client.post(credentials, service_url(credentials), form)
        return
    number = find(credentials, credentials.number_id)
    if number is None:
        raise ProviderError(FailureClass.AUTH, "20404", "not in the account")
    form = {"SmsUrl": url, "SmsMethod": "POST"}
    client.post(credentials, number_url(credentials, number), form)


def number_url(credentials: Credentials, number: dict[str, Any]) -> str:
    """The address of a number's own resource."""
    return account_url(credentials, f"IncomingPhoneNumbers/{text(number, 'sid')}.json")


def _shown(number: str) -> str:
    """A number for people: +55 11 94000-2000."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _named(error: ProviderError, field: str, sentence: Any) -> ProviderError:
    """A refusal speaks of the value just asked about; Twilio being away or busy does not."""
    refused = error.klass in (FailureClass.AUTH, FailureClass.REJECTED)
    return WrongCredentialError(field, sentence, error) if refused else error


def _wrong(field: str, sentence: Any) -> WrongCredentialError:
    return WrongCredentialError(field, sentence, ProviderError(FailureClass.AUTH, "20003"))


_NO_ACCOUNT = _("An account SID starts with AC and has 34 characters. Copy it again.")
_NO_TOKEN = _(
    "Twilio does not accept this auth token for this account SID. Copy both from the same page of "
    "the console; a token of a sub-account or an API key does not fit."
)
_NO_NUMBER = _("Write the number with + and country code, or give the messaging service (MG…).")
_NOT_OURS = _("The account has no such number. Look for it in Twilio's console, or buy one.")
_MUTE = _("This number cannot send text messages. Choose one with SMS.")
