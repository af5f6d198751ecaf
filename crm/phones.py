"""Phone numbers as people type them, into the one spelling we keep (E.164).

Brazil (ITU/Anatel numbering plan): a mobile number is 55 + area code + 9 + eight
digits. Those of before 2016 are still around without the nine, in spreadsheets and as WhatsApp
ids, so the canonical spelling has it and the `alias` lacks it. Landlines (first digit 2 to 5)
never have it. Numbers without a plus are Brazilian; foreign ones are written with plus (or 00)
and country code, and follow libphonenumber.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

import phonenumbers
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import FieldError

Kind = Literal["mobile", "landline", "unknown"]

BRAZIL = "55"
MEXICO = "52"
# The 67 area codes that Anatel has handed out.
AREA_CODES = frozenset(
    f"{first}{last}"
    for first, lasts in (
        (1, "123456789"),
        (2, "12478"),
        (3, "1234578"),
        (4, "123456789"),
        (5, "1345"),
        (6, "123456789"),
        (7, "134579"),
        (8, "123456789"),
        (9, "123456789"),
    )
    for last in lasts
)

REASONS: dict[str, str | Promise] = {
    "phone_missing": _("There is no phone number. Write it with its area code."),
    "phone_not_a_number": _(
        "This is not a phone number. Write only the number, such as (11) 98765-4321."
    ),
    "phone_several": _("There is more than one number here. Keep one of them."),
    "phone_shortened": _(
        "The spreadsheet has shortened this number. Format the column as text and save it again."
    ),
    "phone_no_area_code": _("The area code is missing. Write it before the number, such as (11)."),
    "phone_bad_area_code": _(
        "This area code does not exist in Brazil. Check the first two digits."
    ),
    "phone_too_short": _("Digits are missing. Write the whole number with its area code."),
    "phone_too_long": _(
        "There are too many digits. Start a foreign number with + and its country code."
    ),
    "phone_bad_number": _(
        "No phone in Brazil has this number. Check the digits after the area code."
    ),
    "phone_service_number": _("Service numbers such as 0800 cannot be a customer's number."),
    "phone_bad_country": _("This country code does not exist. Check the digits after the +."),
}

_SCHEMES = re.compile(r"^(?:tel|whatsapp|wa|sms):", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"^\d+(?:[.,]\d+)?E\+?\d+$", re.IGNORECASE)
_WHOLE_FLOAT = re.compile(r"^(\d{8,})[.,]0+$")
_CARRIER_PLACE = re.compile(r"^\(?0\s*xx\s*", re.IGNORECASE)
_SEPARATED = re.compile(r"\d[\s)]*[/;,|&][\s(+]*\d")
_SERVICE = re.compile(r"0(?:800|300|500|900)\d{6,7}")

# A Brazilian mobile as we write it: nothing to fold.
_CANONICAL_MOBILE = re.compile(r"\+55[1-9]{2}9\d{8}")


@dataclass(frozen=True, slots=True)
class Phone:
    """A number we can write to.

    Attributes:
        number: E.164 with plus, the canonical spelling: `+5511987654321`.
        alias: the other spelling of the same line (`+551187654321`), empty if there is none.
        kind: a mobile, a landline, or unknown (foreign plans do not always tell).
    """

    number: str
    alias: str
    kind: Kind

    @property
    def digits(self) -> str:
        """The number without its plus, as WhatsApp ids are written."""
        return self.number[1:]


class BadPhone(ValueError):
    """The text is no number we could write to; `code` is one of `REASONS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def error(self) -> FieldError:
        """The same as forms and the API show it."""
        return FieldError(self.code, REASONS[self.code])


def parse(text: str) -> Phone:
    """Read a number in any spelling that people use.

    Raises:
        BadPhone: it is none; the code says what to mend.
    """
    cleaned = _clean(text)
    digits = re.sub(r"\D", "", cleaned)
    if not digits:
        raise BadPhone("phone_not_a_number")
    if cleaned.startswith("+"):
        # "+0055 11 …" is the international prefix written twice.
        return _international(digits.lstrip("0"))
    if digits.startswith("00"):
        return _international(digits[2:])
    return _brazilian(digits)


def parse_wa_id(wa_id: str) -> Phone:
    """Read a WhatsApp id: digits with country code and no plus, Brazilian ones often without nine.

    Raises:
        BadPhone: it is none (ids of people without a visible number).
    """
    if not wa_id.isdecimal():
        raise BadPhone("phone_not_a_number")
    return _international(wa_id)


def canonical(text: str) -> str:
    """The canonical spelling of an address, or the text itself, trimmed, when it is no number.

    Reads both an E.164 number and a bare WhatsApp id; for comparing addresses, never for input.
    """
    trimmed = text.strip()
    if _CANONICAL_MOBILE.fullmatch(trimmed):
        return trimmed
    try:
        return parse_wa_id(trimmed.removeprefix("+")).number
    except BadPhone:
        return trimmed


def _clean(text: str) -> str:
    """The text without what spreadsheets and contact books put around a number."""
    cleaned = unicodedata.normalize("NFKC", text).strip().lstrip("'=\"").rstrip('"').strip()
    cleaned = "".join(char for char in cleaned if unicodedata.category(char) != "Cf")
    if not cleaned:
        raise BadPhone("phone_missing")
    if _SCIENTIFIC.match(cleaned):
        return _expand(cleaned)
    if match := _WHOLE_FLOAT.match(cleaned):
        return match[1]
    cleaned = _CARRIER_PLACE.sub("0", _SCHEMES.sub("", cleaned).strip())
    if _SEPARATED.search(cleaned):
        raise BadPhone("phone_several")
    if re.search(r"[^\W\d_]", cleaned):
        raise BadPhone("phone_not_a_number")
    return cleaned


def _expand(text: str) -> str:
    """`5.511987654321E+12` is whole; `5.51199E+12` has lost its end to the column's width."""
    mantissa, _e, exponent = text.upper().replace(",", ".").partition("E")
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise BadPhone("phone_not_a_number") from None
    decimals = len(mantissa.partition(".")[2])
    if int(exponent) > 15:
        raise BadPhone("phone_not_a_number")
    if decimals < int(exponent):
        raise BadPhone("phone_shortened")
    return str(int(value))


def _international(digits: str) -> Phone:
    if digits.startswith(BRAZIL):
        return _national(digits[2:].lstrip("0"))
    return _foreign(digits)


def _brazilian(digits: str) -> Phone:
    """Digits without plus: with or without trunk zero, carrier code and country code."""
    if _SERVICE.fullmatch(digits):
        raise BadPhone("phone_service_number")
    if digits.startswith("0"):
        return _national(_without_carrier(digits[1:]))
    # 55 is also the area code of Santa Maria; the length tells them apart.
    if digits.startswith(BRAZIL) and len(digits) >= 12:
        return _national(digits[2:].lstrip("0"))
    return _national(digits)


def _without_carrier(digits: str) -> str:
    """After the trunk zero people wrote the two digits of a carrier: 0 15 11 3265-4321."""
    return digits[2:] if len(digits) in (12, 13) else digits


def _national(digits: str) -> Phone:
    _check_length(digits)
    area, local = digits[:2], digits[2:]
    if area not in AREA_CODES:
        raise BadPhone("phone_bad_area_code")
    head = local[0]
    if len(local) == 9:
        if head != "9":
            raise BadPhone("phone_bad_number")
        return _mobile(area, local[1:])
    if head in "6789":
        return _mobile(area, local)
    if head in "2345":
        return Phone(number=f"+{BRAZIL}{area}{local}", alias="", kind="landline")
    raise BadPhone("phone_bad_number")


def _check_length(digits: str) -> None:
    if len(digits) < 8:
        raise BadPhone("phone_too_short")
    if len(digits) == 8 or (len(digits) == 9 and digits[0] == "9"):
        raise BadPhone("phone_no_area_code")
    if len(digits) < 10:
        raise BadPhone("phone_too_short")
    if len(digits) > 11:
        raise BadPhone("phone_too_long")


def _mobile(area: str, last_eight: str) -> Phone:
    # Numbers given out after the ninth digit came may begin with 91 to 95; without the nine they
    # would read as somebody's landline, so they have no other spelling.
    is_legacy = last_eight[0] in "6789"
    return Phone(
        number=f"+{BRAZIL}{area}9{last_eight}",
        alias=f"+{BRAZIL}{area}{last_eight}" if is_legacy else "",
        kind="mobile",
    )


def _foreign(digits: str) -> Phone:
    digits = _without_mexican_one(digits)
    try:
        parsed = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException as error:
        raise BadPhone(_parse_reason(error)) from None
    outcome = phonenumbers.is_possible_number_with_reason(parsed)
    if outcome == phonenumbers.ValidationResult.TOO_SHORT:
        raise BadPhone("phone_too_short")
    if outcome == phonenumbers.ValidationResult.TOO_LONG:
        raise BadPhone("phone_too_long")
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    is_mexican = number.startswith(f"+{MEXICO}") and len(number) == 13
    alias = f"+{MEXICO}1{number[3:]}" if is_mexican else ""
    return Phone(number=number, alias=alias, kind=_kind(parsed))


def _without_mexican_one(digits: str) -> str:
    """Mexico dropped the 1 before mobile numbers in 2019; WhatsApp ids still carry it."""
    if len(digits) == 13 and digits.startswith(f"{MEXICO}1"):
        return MEXICO + digits[3:]
    return digits


def _kind(parsed: phonenumbers.PhoneNumber) -> Kind:
    kind = phonenumbers.number_type(parsed)
    if kind == phonenumbers.PhoneNumberType.MOBILE:
        return "mobile"
    if kind == phonenumbers.PhoneNumberType.FIXED_LINE:
        return "landline"
    return "unknown"


def _parse_reason(error: phonenumbers.NumberParseException) -> str:
    reasons = {
        error.INVALID_COUNTRY_CODE: "phone_bad_country",
        error.TOO_SHORT_NSN: "phone_too_short",
        error.TOO_SHORT_AFTER_IDD: "phone_too_short",
        error.TOO_LONG: "phone_too_long",
    }
    return reasons.get(error.error_type, "phone_not_a_number")
