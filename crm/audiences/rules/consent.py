"""The rule about what contacts allowed, as the ledger has it."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from crm.audiences.registry import Context, Operator, Predicate, Rule, opposite, register
from crm.audiences.values import Choice, Option
from crm.enums import Channel, ConsentAction, Purpose
from crm.models import Consent

SEPARATOR = "."


def _options() -> Iterator[Option]:
    for channel in Channel:
        for purpose in Purpose:
            label = f"{channel.label}, {purpose.label}"
            yield Option(f"{channel.value}{SEPARATOR}{purpose.value}", label)


def _opted_in(rule: Rule, context: Context) -> Q:
    """An opt-in that no later line takes back: two anti-joins, no sorting of the ledger."""
    channel, purpose = rule.value.split(SEPARATOR)
    lines = Consent.objects.filter(channel=channel, purpose=purpose)
    later = lines.filter(
        Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), pk__gt=OuterRef("pk")),
        contact=OuterRef("contact"),
        action__in=(ConsentAction.OPT_OUT, ConsentAction.UNDONE),
    )
    agreed = lines.filter(~Exists(later), contact=OuterRef("pk"), action=ConsentAction.OPT_IN)
    return Q(Exists(agreed))


def register_all() -> None:
    """Announce the rule."""
    said = Operator("is", _("to"), Choice(_options), _opted_in)
    operators = (said, opposite(said, "is_not", _("not to")))
    register(Predicate("opted_in", _("Opted in"), operators, order=35))
