from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = _("Events")

    def ready(self) -> None:
        from events import retention

        _register_due_work()
        _register_letters()
        _fill_shell()
        retention.register()


def _register_due_work() -> None:
    from core.agenda import Kind, register
    from events import deliveries
    from events.bus import DELIVER
    from events.services import letters, replays

    register(Kind(name=DELIVER, handle=deliveries.deliver, due=deliveries.due))
    for name, service in ((replays.KIND, replays), (letters.KIND, letters)):
        register(
            Kind(name=name, handle=service.run, due=service.due, queue="bulk", is_exclusive=True)
        )


def _register_letters() -> None:
    from events import deliveries, incidents
    from events.dead_letters import Box, add_box
    from events.selectors import deliveries_of
    from events.services import letters
    from events.traces import add_trace

    add_box(
        Box(
            deliveries.BOX,
            _("Events within the product"),
            rows=deliveries.dead,
            letter=deliveries.letter,
            redrive=deliveries.redrive,
            discard=deliveries.discard,
        )
    )
    incidents.register(
        incidents.Kind(
            code=letters.INCIDENT,
            text=_("Some work was given up after several tries: %(box)s."),
            advice=_("Open the list: it says why. Try again when the cause is mended, or discard."),
            icon="mail-x",
        )
    )
    add_trace(_("Within the product"), deliveries_of, order=10)


def _fill_shell() -> None:
    from core import navigation, topics
    from events.selectors import letter_count
    from events.services import letters, replays
    from tenants.permissions import allows

    section = "webhooks"
    for tab in (
        navigation.Tab("events", _("Events"), "events", "events.view", 30),
        navigation.Tab(
            "dead-letters", _("Not delivered"), "dead-letters", "events.view", 50, letter_count
        ),
    ):
        navigation.add_tab(section, tab)
    for topic in (letters.TOPIC, replays.TOPIC):
        topics.register(topic, lambda member, _id: allows(member.role, "events.view"))
