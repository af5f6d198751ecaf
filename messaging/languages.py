"""Languages that templates can have at WhatsApp.

Source: Meta, "Supported languages" of message templates; the ones our customers use first.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

LANGUAGES = {
    "pt_BR": _("Portuguese (Brazil)"),
    "pt_PT": _("Portuguese (Portugal)"),
    "en": _("English"),
    "en_US": _("English (United States)"),
    "en_GB": _("English (United Kingdom)"),
    "es": _("Spanish"),
    "es_AR": _("Spanish (Argentina)"),
    "es_ES": _("Spanish (Spain)"),
    "es_MX": _("Spanish (Mexico)"),
    "de": _("German"),
    "fr": _("French"),
    "it": _("Italian"),
    "nl": _("Dutch"),
    "pl": _("Polish"),
    "ru": _("Russian"),
    "tr": _("Turkish"),
    "ar": _("Arabic"),
    "he": _("Hebrew"),
    "hi": _("Hindi"),
    "id": _("Indonesian"),
    "ja": _("Japanese"),
    "ko": _("Korean"),
    "zh_CN": _("Chinese (China)"),
    "zh_HK": _("Chinese (Hong Kong)"),
    "zh_TW": _("Chinese (Taiwan)"),
}
