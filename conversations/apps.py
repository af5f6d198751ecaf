from uuid import UUID

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConversationsConfig(AppConfig):
    name = "conversations"
    verbose_name = _("Conversations")

    def ready(self) -> None:
        from conversations import (
            audience_rules,
            contact_columns,
            contact_lifecycle,
            hints,
            panel,
            receivers,
            retention,
            visibility,
        )
        from core import topics
        from crm import registry
        from events.bus import subscribe, subscribe_all
        from messaging import sight
        from messaging.events import MediaFetched, MessageReceived, MessagesProgressed

        subscribe_all("conversations.receive", MessageReceived, receivers.on_received)
        subscribe("conversations.show", MessagesProgressed, receivers.on_progressed, mode="inline")
        subscribe("conversations.show_file", MediaFetched, receivers.on_media, mode="inline")
        topics.register(hints.INBOX, visibility.may_listen)
        topics.register(hints.CONVERSATION, visibility.may_listen)
        sight.narrow(visibility.messages)
        self._announce_due_work()
        registry.add_panel(panel.PANEL)
        audience_rules.register_all()
        contact_lifecycle.register()
        contact_columns.register()
        self._announce_notifications()
        self._tell_customers()
        self._look_after_teams()
        self._carry_activity()
        retention.register()
        self._answer_outside_the_hours()
        self._watch_over_promises()
        self._ask_for_ratings()
        self._show_ways_in()

    def _show_ways_in(self) -> None:
        from conversations import hints, listing, visibility
        from core import navigation
        from team import settings_nav

        navigation.add_entry(
            navigation.Entry(
                label=_("Inbox"),
                url_name="inbox",
                icon="message-circle",
                permission="conversations.view",
                order=10,
                badge=lambda request: listing.unread_count(visibility.looker(request)),
                live_topic=hints.INBOX,
                go="i",
            )
        )
        settings_nav.add(
            settings_nav.Entry(_("Inbox"), "inbox-settings", "inbox", "inbox.manage", 23)
        )
        settings_nav.add(settings_nav.Entry(_("Labels"), "labels", "tag", "labels.view", 24))
        settings_nav.add(
            settings_nav.Entry(
                _("Canned replies"),
                "canned-replies",
                "message-square-text",
                "canned_replies.view",
                24,
            )
        )

    def _announce_due_work(self) -> None:
        from conversations.agenda import SEND_SCHEDULED, WAKE, snoozed
        from conversations.services import scheduling, status
        from core import agenda

        agenda.register(
            agenda.Kind(
                name=WAKE,
                handle=lambda key: status.wake(conversation_id=UUID(key)),
                due=snoozed,
            )
        )
        agenda.register(
            agenda.Kind(
                name=SEND_SCHEDULED,
                handle=scheduling.send_due,
                due=scheduling.due,
                queue="replies",
            )
        )

    def _tell_customers(self) -> None:
        from conversations.agenda import SIGNAL
        from conversations.services import signals
        from core import agenda

        agenda.register(
            agenda.Kind(
                name=SIGNAL,
                handle=signals.tell_due,
                due=signals.due,
                queue="replies",
            )
        )

    def _carry_activity(self) -> None:
        from conversations.services import activity
        from core import agenda, schedules

        agenda.register(
            agenda.Kind(
                name=activity.KIND,
                handle=activity.carry,
                due=activity.due,
                queue="bulk",
                is_exclusive=True,
            )
        )
        task = "conversations.carry_activity"
        schedules.register(
            schedules.Schedule(name=task, task=task, every_seconds=activity.EVERY_SECONDS)
        )

    def _look_after_teams(self) -> None:
        from conversations import team_receivers
        from conversations.agenda import WATCH_TEAM
        from conversations.events import ConversationOpened
        from conversations.services import watching
        from core import agenda
        from events.bus import subscribe
        from team.events import (
            MemberAvailabilityChanged,
            TeamCreated,
            TeamDeleted,
            TeamUpdated,
        )

        agenda.register(
            agenda.Kind(
                name=WATCH_TEAM,
                handle=lambda key: watching.watch(team_id=UUID(key)),
                due=watching.due,
            )
        )
        for name, change in (("updated", TeamUpdated), ("deleted", TeamDeleted)):
            subscribe(
                f"conversations.team_{name}", change, team_receivers.sight_changed, mode="inline"
            )
        subscribe(
            "conversations.route", ConversationOpened, team_receivers.route_opened, mode="durable"
        )
        subscribe(
            "conversations.give_to_available",
            MemberAvailabilityChanged,
            team_receivers.give_to_available,
            mode="durable",
        )
        for name, fact in (("created", TeamCreated), ("updated", TeamUpdated)):
            subscribe(
                f"conversations.watch_team_{name}", fact, team_receivers.watch_team, mode="inline"
            )

    def _watch_over_promises(self) -> None:
        from conversations import listing, team_receivers
        from conversations.agenda import RECOUNT_REPLIES, WATCH_REPLIES
        from conversations.events import BusinessHoursChanged, InboxSettingsChanged
        from conversations.services import lateness
        from core import agenda
        from events.bus import subscribe
        from team import overview
        from team.events import TeamCreated, TeamDeleted, TeamUpdated
        from tenants.signals import company_zone_changed

        overview.add(
            overview.Tile(
                label=_("Late answers"),
                value=listing.late_count,
                icon="timer",
                url_name="inbox",
                permission="inbox.manage",
                order=20,
            )
        )
        agenda.register(
            agenda.Kind(name=WATCH_REPLIES, handle=lateness.watch, due=lateness.watch_due)
        )
        agenda.register(
            agenda.Kind(
                name=RECOUNT_REPLIES,
                handle=lateness.recount,
                due=lateness.recount_due,
                is_exclusive=True,
            )
        )
        for name, fact in (
            ("team_created", TeamCreated),
            ("team_updated", TeamUpdated),
            ("team_deleted", TeamDeleted),
            ("hours", BusinessHoursChanged),
            ("settings", InboxSettingsChanged),
        ):
            subscribe(
                f"conversations.promises_{name}",
                fact,
                team_receivers.promises_changed,
                mode="inline",
            )
        company_zone_changed.connect(
            team_receivers.hours_shifted, dispatch_uid="conversations.hours_shifted"
        )

    def _ask_for_ratings(self) -> None:
        from conversations.agenda import RATING
        from conversations.services import ratings
        from core import agenda, navigation

        agenda.register(
            agenda.Kind(name=RATING, handle=ratings.say_due, due=ratings.due, queue="replies")
        )
        navigation.add_entry(
            navigation.Entry(
                label=_("Satisfaction"),
                url_name="satisfaction",
                icon="star",
                permission="ratings.view",
                order=12,
            )
        )

    def _answer_outside_the_hours(self) -> None:
        from conversations import team_receivers
        from conversations.agenda import AWAY
        from conversations.services import away
        from core import agenda
        from events.bus import subscribe
        from messaging.events import MessageReceived
        from team import settings_nav

        agenda.register(
            agenda.Kind(
                name=AWAY,
                handle=away.answer_due,
                due=away.due,
                queue="replies",
            )
        )
        subscribe("conversations.away", MessageReceived, team_receivers.on_received, mode="inline")
        settings_nav.add(
            settings_nav.Entry(
                _("Business hours"), "business-hours", "clock", "business_hours.manage", 23
            )
        )

    def _announce_notifications(self) -> None:
        from conversations import notices
        from conversations.events import ConversationAssigned
        from events.bus import subscribe
        from team.notifications import register

        for kind in notices.KINDS:
            register(kind)
        subscribe(
            "conversations.tell_assigned",
            ConversationAssigned,
            notices.tell_assigned,
            mode="durable",
        )
