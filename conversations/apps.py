from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConversationsConfig(AppConfig):
    name = "conversations"
    verbose_name = _("Conversations")

    def ready(self) -> None:
        from conversations import audience_rules, hints, panel, receivers, selectors
        from core import navigation, topics
        from crm import registry
        from events.bus import subscribe
        from messaging.events import MediaFetched, MessageReceived, MessagesProgressed

        subscribe("conversations.receive", MessageReceived, receivers.on_received, mode="inline")
        subscribe("conversations.show", MessagesProgressed, receivers.on_progressed, mode="inline")
        subscribe("conversations.show_file", MediaFetched, receivers.on_media, mode="inline")
        topics.register(hints.INBOX, selectors.may_listen)
        topics.register(hints.CONVERSATION, selectors.may_listen)
        registry.add_panel(panel.PANEL)
        audience_rules.register_all()
        navigation.add_entry(
            navigation.Entry(
                label=_("Inbox"),
                url_name="inbox",
                icon="message-circle",
                permission="conversations.view",
                order=10,
                badge=lambda request: selectors.unread_count(),
                live_topic=hints.INBOX,
                go="i",
            )
        )
