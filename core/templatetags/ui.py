"""Filters of the pages and components: ``{% load ui %}``. What they mean is in ``core.ui``."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any

from django import template
from django.forms import BaseForm, BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.template import Context
from django.template.defaultfilters import filesizeformat
from django.templatetags.static import static
from django.utils.safestring import SafeString

from core import navigation
from core.ui import formatting, markup, states

register = template.Library()

register.filter("bytes", filesizeformat)
register.filter("tone", states.tone)
register.filter("state_label", states.state_label)
register.filter("number", formatting.number)
register.filter("percent", formatting.percent)
register.filter("money", formatting.money)


@register.simple_tag
@cache
def icons() -> str:
    """The address of the file with all icons; a page asks for it some seventy times."""
    return static("build/icons.svg")


@register.filter
def phone(value: str | None) -> str:
    """``+55 (11) 99999-0000`` from E.164."""
    return formatting.phone(value) if value else ""


@register.filter
def initials(name: str | None) -> str:
    """One or two letters for an avatar."""
    return formatting.initials(name or "")


@register.filter
def hue(name: str | None) -> int:
    """The avatar's colour, 0 to 7, stable for a name."""
    return formatting.hue(name or "")


@register.filter
def clock(value: dt.datetime | None) -> str | SafeString:
    """Smart time: 09:41, yesterday, 21/11; with the whole time as its title."""
    return formatting.clock(value) if value else ""


@register.filter
def time_of_day(value: dt.datetime | None) -> str:
    """Hour and minute, for a bubble below a date separator."""
    return formatting.time_of_day(value) if value else ""


@register.filter
def ago(value: dt.datetime | None) -> str | SafeString:
    """Distance to now: ``5 minutes ago``."""
    return formatting.ago(value) if value else ""


@register.filter
def day(value: dt.datetime | dt.date | None) -> str:
    """``Today``, ``Yesterday`` or the date, for a date separator."""
    return formatting.day_label(value) if value else ""


@register.filter
def whatsapp(text: str | None) -> SafeString:
    """Escaped text with WhatsApp's bold, italic, strike, mono and links."""
    return markup.whatsapp_html(text or "")


@register.filter
def placeholders(html: SafeString) -> SafeString:
    """The places of a template that nothing fills yet as chips; after ``whatsapp``."""
    return markup.placeholders_html(html)


@register.filter
def times(count: int | str) -> range:
    """A range to loop over: ``{% for _ in 3|times %}``."""
    return range(int(count))


@register.filter
def done_count(items: Iterable[Mapping[str, Any]]) -> int:
    """How many items of a checklist are done."""
    return sum(1 for item in items if item.get("done"))


@register.filter
def control_kind(field: BoundField) -> str:
    """How a form field is laid out: ``check`` (control first), ``group`` (several) or ``text``."""
    widget = field.field.widget
    if isinstance(widget, CheckboxSelectMultiple | RadioSelect):
        return "group"
    return "check" if isinstance(widget, CheckboxInput) else "text"


@register.filter
def error_total(form: BaseForm | None, more: Iterable[BaseForm] | None = None) -> int:
    """How many fields of a form, and of others that are sent with it, are wrong."""
    return sum(len(one.errors) for one in (form, *(more or ())) if one)


@register.filter
def as_switch(field: BoundField) -> SafeString:
    """A checkbox field drawn as a switch."""
    return field.as_widget(attrs={"role": "switch"})


@register.filter
def segments(parts: Iterable[Mapping[str, Any]], total: int | None) -> list[dict[str, Any]]:
    """Parts ``{value, tone, label}`` as slices of a bar 1000 wide: adds ``x`` and ``width``.

    Without a total the sum of the parts fills the bar.
    """
    listed = list(parts)
    whole = int(total or 0) or sum(part["value"] for part in listed) or 1
    slices, x = [], 0.0
    for part in listed:
        width = round(1000 * part["value"] / whole, 2)
        slices.append({**part, "x": f"{x:.2f}", "width": f"{width:.2f}"})
        x += width
    return slices


@register.inclusion_tag("shell/section_tabs.html", takes_context=True)
def section_tabs(context: Context, section: str, current: str) -> dict[str, Any]:
    """The tabs of a section that several apps make up, as far as the reader may open them.

    Args:
        current: the code of the page's own tab (`core.navigation.Tab`).
    """
    can: Collection[str] = context.get("can") or ()
    shown = [tab for tab in navigation.tabs.get(section, ()) if tab.permission in can]
    return {
        "tabs": [
            {"tab": tab, "current": tab.code == current, "count": tab.count() if tab.count else 0}
            for tab in shown
        ]
    }
