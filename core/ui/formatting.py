"""How values read on the screen: phones, numbers, sizes and times in the reader's language."""

import datetime as dt
import re
from decimal import Decimal

import phonenumbers
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext, pgettext

AVATAR_HUES = 8

_BRAZILIAN = re.compile(r"\+?55(?P<area>\d{2})(?P<head>\d{4,5})(?P<tail>\d{4})")
_SPACING = re.compile(r"[ ()-]")


def phone(value: str) -> str:
    """An E.164 number (``+5511999990000``), also spaced as providers do, as people write it:
    ``+55 (11) 99999-0000``.

    Numbers of other countries follow libphonenumber's international format; text that is no
    number comes back unchanged.
    """
    if match := _BRAZILIAN.fullmatch(_SPACING.sub("", value)):
        return f"+55 ({match['area']}) {match['head']}-{match['tail']}"
    try:
        parsed = phonenumbers.parse(value if value.startswith("+") else f"+{value}")
    except phonenumbers.NumberParseException:
        return value
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def initials(name: str) -> str:
    """First letters of the first and last word (``Ana Souza`` → ``AS``); ``?`` without letters."""
    words = [word for word in re.split(r"\W+", name) if word]
    if not words:
        return "?"
    picked = words[:1] if len(words) == 1 else [words[0], words[-1]]
    return "".join(word[0] for word in picked).upper()


def hue(name: str) -> int:
    """A stable number from 0 to 7 for a name, so that a person keeps one colour everywhere."""
    return sum(name.encode()) % AVATAR_HUES


def number(value: float | Decimal | str | None) -> str:
    """A number with the language's grouping: ``12480`` → ``12.480``; empty for None."""
    if value is None or value == "":
        return ""
    return formats.number_format(value, use_l10n=True, force_grouping=True)


def capped(value: int, most: int) -> str:
    """A number that was counted up to one more than `most`: ``1.000+`` when there are more."""
    return number(value) if value <= most else f"{number(most)}+"


CURRENCY_SIGNS = {"BRL": "R$", "USD": "US$", "EUR": "€", "GBP": "£"}


def currency_choices(own: str = "") -> list[tuple[str, str]]:
    """Currencies to choose among, and the one that is set already: `("BRL", "R$")`."""
    return list((CURRENCY_SIGNS | ({own: CURRENCY_SIGNS.get(own, own)} if own else {})).items())


def money(amount: Decimal | float | None, currency: str) -> str:
    """An amount as people read it: ``R$ 31,20``; below a cent as exact as prices are."""
    if amount is None:
        return ""
    value = Decimal(amount)
    places = 4 if 0 < abs(value) < Decimal("0.01") else 2
    shown = formats.number_format(value, decimal_pos=places, use_l10n=True, force_grouping=True)
    # A no-break space: the sign and its number stay on one line.
    return f"{CURRENCY_SIGNS.get(currency, currency)}\N{NO-BREAK SPACE}{shown}"


def percent(part: float | None, total: float | None) -> str:
    """Share of ``part`` in ``total`` with at most one decimal: ``97,4%``; ``-`` without a total."""
    if not total or part is None:
        return "-"
    share = round(100 * float(part) / float(total), 1)
    decimals = 0 if share == int(share) else 1
    return f"{formats.number_format(share, decimal_pos=decimals)}%"


def day_label(value: dt.datetime | dt.date) -> str:
    """``Today``, ``Yesterday`` or the date; the year only when it is another one."""
    date = timezone.localtime(value).date() if isinstance(value, dt.datetime) else value
    today = timezone.localdate()
    if date == today:
        return gettext("Today")
    if date == today - dt.timedelta(days=1):
        return gettext("Yesterday")
    return _date(date, today)


def time_of_day(value: dt.datetime) -> str:
    """Local hour and minute: ``09:41``."""
    return timezone.localtime(value).strftime("%H:%M")


def clock(value: dt.datetime) -> SafeString:
    """A ``<time>`` as short as it stays clear: the hour, then ``yesterday``, then the date."""
    local, today = timezone.localtime(value), timezone.localdate()
    if local.date() == today:
        text = time_of_day(value)
    elif local.date() == today - dt.timedelta(days=1):
        text = gettext("yesterday")
    else:
        text = _date(local.date(), today)
    return _time_element(value, text)


def ago(value: dt.datetime) -> SafeString:
    """A ``<time>`` that tells the distance: ``5 minutes ago``."""
    if timezone.now() - value < dt.timedelta(minutes=1):
        return _time_element(value, gettext("just now"))
    distance = timesince(value, depth=1)
    return _time_element(value, gettext("%(distance)s ago") % {"distance": distance})


def _date(date: dt.date, today: dt.date) -> str:
    if date.year == today.year:
        # Translators: date format without the year, in Django's letters (pt-BR: "d/m").
        return formats.date_format(date, pgettext("date format", "M j"))
    return formats.date_format(date, "SHORT_DATE_FORMAT")


def _time_element(value: dt.datetime, text: str) -> SafeString:
    local = timezone.localtime(value)
    title = formats.date_format(local, "SHORT_DATETIME_FORMAT")
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', local.isoformat(timespec="seconds"), title, text
    )
