from uuid import UUID

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        from campaigns import contact_columns, contact_lifecycle, contact_timeline

        contact_timeline.register()
        contact_lifecycle.register()
        contact_columns.register()
        self._register_due_work()
        self._offer_rules()
        self._subscribe()
        self._fill_the_shell()

    def _register_due_work(self) -> None:
        from campaigns import agenda as kinds
        from campaigns.services import exports, lifecycle, preparation, winners
        from core.agenda import Kind, register

        register(
            Kind(
                name=kinds.START,
                handle=lambda key: lifecycle.start_scheduled(UUID(key)),
                due=kinds.scheduled,
            )
        )
        register(
            Kind(
                name=kinds.PREPARE,
                handle=lambda key: preparation.prepare(UUID(key)),
                due=kinds.preparing,
            )
        )
        register(
            Kind(
                name=kinds.SETTLE,
                handle=lambda key: lifecycle.settle(UUID(key)),
                due=kinds.ended,
            )
        )

        register(
            Kind(name=kinds.WINNER, handle=lambda key: winners.decide(UUID(key)), due=winners.due)
        )
        register(
            Kind(
                name=kinds.REFRESH,
                handle=lambda key: preparation.refresh(UUID(key)),
                due=winners.waiting,
            )
        )

        register(
            Kind(
                name=kinds.EXPORT,
                handle=exports.handle,
                due=exports.due,
                queue="bulk",
            )
        )

    def _offer_rules(self) -> None:
        from campaigns import audience_rules

        audience_rules.register_all()

    def _subscribe(self) -> None:
        from campaigns import receivers
        from campaigns.events import CampaignStateChanged, LinkClicked
        from connections.events import ConnectionStopped
        from crm.events import ContactOptedOut
        from events.bus import subscribe
        from messaging.events import (
            StreamProgressed,
            StreamTroubled,
            TemplateRecovered,
            TemplateRefused,
        )

        subscribe("campaigns.settle", StreamProgressed, receivers.on_progress, mode="inline")
        subscribe(
            "campaigns.show_progress",
            StreamProgressed,
            receivers.show_progress,
            mode="after_commit",
        )
        subscribe(
            "campaigns.show_state",
            CampaignStateChanged,
            receivers.show_state,
            mode="after_commit",
        )
        subscribe("campaigns.show_click", LinkClicked, receivers.show_click, mode="after_commit")
        subscribe(
            "campaigns.count_opt_out", ContactOptedOut, receivers.on_opted_out, mode="durable"
        )
        subscribe(
            "campaigns.pause_for_connection",
            ConnectionStopped,
            receivers.on_connection_stopped,
            mode="durable",
        )
        subscribe(
            "campaigns.pause_for_template",
            TemplateRefused,
            receivers.on_template_refused,
            mode="durable",
        )
        subscribe(
            "campaigns.resume_for_template",
            TemplateRecovered,
            receivers.on_template_recovered,
            mode="durable",
        )
        subscribe(
            "campaigns.pause_for_trouble",
            StreamTroubled,
            receivers.on_stream_troubled,
            mode="durable",
        )
        subscribe(
            "campaigns.tell_the_team", CampaignStateChanged, receivers.tell_the_team, mode="durable"
        )

    def _fill_the_shell(self) -> None:
        self._announce_notifications()
        from campaigns import selectors
        from core import navigation, topics

        navigation.add_entry(
            navigation.Entry(
                label=_("Campaigns"),
                url_name="campaigns",
                icon="megaphone",
                permission="campaigns.view",
                order=40,
                go="m",
            )
        )
        navigation.add_step(
            navigation.Step(
                title=_("Send your first campaign"),
                why=_("Choose a template and who gets it, check the numbers, and watch it go out."),
                action=_("New campaign"),
                url_name="campaign-new",
                icon="megaphone",
                permission="campaigns.manage",
                order=40,
                is_done=selectors.has_started_one,
            )
        )
        navigation.add_source(
            navigation.Source(
                label=_("Campaigns"),
                permission="campaigns.view",
                order=30,
                find=selectors.find,
            )
        )
        topics.register("campaign", selectors.may_listen)
        topics.register("campaigns", selectors.may_listen)

    def _announce_notifications(self) -> None:
        from campaigns.notices import KINDS
        from team.notifications import register

        for kind in KINDS:
            register(kind)
