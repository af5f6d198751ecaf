"""What the templates announce at start-up: due work, the sidebar, the checklist, live hints."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from connections.events import ConnectionConnected, ConnectionResumed
from connections.models import Connection
from core import agenda, navigation, realtime, scope, topics
from core.agenda import Kind
from events import bus
from events.models import Event
from messaging import template_selectors as selectors
from messaging.services import template_sync
from messaging.template_events import TemplateChanged, TemplatesSynced
from tenants.permissions import allows

TOPIC = "templates"


def register() -> None:
    """Called once, from AppConfig.ready()."""
    agenda.register(Kind(template_sync.SYNC, _sync, template_sync.due, queue="bulk"))
    for fact in (ConnectionConnected, ConnectionResumed):
        bus.subscribe(f"messaging.sync_on:{fact.type}", fact, _request_sync, mode="inline")
    for told in (TemplateChanged, TemplatesSynced):
        bus.subscribe(f"messaging.show:{told.type}", told, _show, mode="after_commit")
    topics.register(TOPIC, lambda member, _id: allows(member.role, "templates.view"))
    _fill_shell()


def _sync(key: str) -> None:
    template_sync.sync_due(UUID(key))


def _request_sync(event: Event) -> None:
    """A number came (back): its templates are read without anybody asking."""
    connection = Connection.objects.get(pk=event.data["connection_id"])
    template_sync.request(connection)


def _show(event: Event) -> None:
    realtime.push_coalesced(scope.required_company_id(), TOPIC, "changed")


def _fill_shell() -> None:
    navigation.add_entry(
        navigation.Entry(
            label=_("Templates"),
            url_name="templates",
            icon="layout-template",
            permission="templates.view",
            order=50,
        )
    )
    navigation.add_step(
        navigation.Step(
            title=_("Sync your message templates"),
            why=_("WhatsApp approves the messages you start a conversation with. Fetch yours."),
            action=_("Sync templates"),
            url_name="templates",
            icon="layout-template",
            permission="templates.manage",
            order=20,
            is_done=selectors.has_synced,
        )
    )
    navigation.add_source(
        navigation.Source(
            label=_("Templates"), permission="templates.view", order=40, find=selectors.find
        )
    )
