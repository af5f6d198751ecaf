from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TeamConfig(AppConfig):
    name = "team"
    verbose_name = _("Team")

    def ready(self) -> None:
        from core import consumers, topics
        from team import receivers, seats
        from tenants.signals import member_changed

        member_changed.connect(receivers.keep_member_in_step, dispatch_uid="team.keep_in_step")
        consumers.resolver = seats.resolve
        consumers.load_member = seats.load_member
        topics.register("notifications", lambda member, of: str(member.pk) == of)
