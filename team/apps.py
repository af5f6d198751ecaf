from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TeamConfig(AppConfig):
    name = "team"
    verbose_name = _("Team")

    def ready(self) -> None:
        from core import consumers, topics
        from events.bus import subscribe
        from team import receivers, seats
        from team.events import MemberJoined
        from tenants.permissions import allows
        from tenants.signals import member_changed

        member_changed.connect(receivers.keep_member_in_step, dispatch_uid="team.keep_in_step")
        consumers.resolver = seats.resolve
        consumers.load_member = seats.load_member
        consumers.note_here = seats.note_here
        topics.register("availability", lambda member, of: allows(member.role, "members.view"))
        topics.register("notifications", lambda member, of: str(member.pk) == of)
        subscribe("team.tell_joined", MemberJoined, receivers.tell_joined, mode="durable")
        _announce_notifications()
        _fill_shell()
        _keep_for_a_time()


def _announce_notifications() -> None:
    from team.notifications import JOINED, Kind, register

    register(
        Kind(
            code=JOINED,
            text=_("%(name)s joined the team."),
            icon="user-plus",
            label=_("Somebody joined the team"),
            tone="success",
            permission="members.manage",
        )
    )


def _fill_shell() -> None:
    from core import navigation
    from team import settings_nav
    from team.selectors import has_company_of_one

    home = navigation.Entry(_("Home"), "home", "house", "company.view", order=0)
    settings = navigation.Entry(
        _("Settings"), "settings", "settings", "company.view", order=900, footer=True
    )
    navigation.add_entry(home)
    navigation.add_entry(settings)
    navigation.add_step(
        navigation.Step(
            title=_("Invite your team"),
            why=_("Colleagues answer customers with you, each with their own sign-in."),
            action=_("Invite"),
            url_name="members",
            icon="user-plus",
            permission="members.manage",
            order=90,
            is_done=lambda: not has_company_of_one(),
        )
    )
    for entry in (
        settings_nav.Entry(_("Company"), "settings-company", "building-2", "company.manage", 10),
        settings_nav.Entry(_("People"), "members", "users", "members.view", 20),
        settings_nav.Entry(_("Teams"), "teams", "users-round", "teams.view", 22),
        settings_nav.Entry(_("API keys"), "api-keys", "key-round", "api_keys.manage", 30),
        settings_nav.Entry(_("Incidents"), "incidents", "triangle-alert", "incidents.view", 35),
        settings_nav.Entry(
            _("Data retention"), "retention", "calendar-clock", "retention.manage", 38
        ),
        settings_nav.Entry(
            _("My notifications"), "notification-settings", "bell", "company.view", 92
        ),
        settings_nav.Entry(_("My profile"), "profile", "circle-user-round", "company.view", 90),
    ):
        settings_nav.add(entry)


def _keep_for_a_time() -> None:
    from core import agenda, retention, schedules
    from core.ids import first_uuid7
    from team.models import Notification
    from team.services import retention as service

    agenda.register(
        agenda.Kind(
            name=service.KIND,
            handle=service.run,
            due=service.due,
            queue="bulk",
            is_exclusive=True,
        )
    )
    task = "team.begin_retention"
    schedules.register(schedules.Schedule(name=task, task=task, every_seconds=86_400))
    retention.register(
        retention.Kind(
            code="notifications",
            label=_("Notifications"),
            text=_("What members were told in the app. Older ones are deleted."),
            default=365,
            least=7,
            most=None,
            order=70,
            sources=[
                retention.Deleting(
                    "team.Notification",
                    lambda before: Notification.objects.filter(pk__lt=first_uuid7(before)),
                )
            ],
        )
    )
