from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    name = "messaging"
    verbose_name = _("Messages")

    def ready(self) -> None:
        from messaging import contact_lifecycle, policy_wiring, retention, template_wiring, wiring

        wiring.register()
        template_wiring.register()
        policy_wiring.register()
        contact_lifecycle.register()
        retention.register()
