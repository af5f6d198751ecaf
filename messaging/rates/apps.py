from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RatesConfig(AppConfig):
    name = "messaging.rates"
    verbose_name = _("Prices")
