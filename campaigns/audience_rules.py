"""What audiences may ask about campaigns: who got one, who answered or clicked, and whom another
one is to try again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, TextField
from django.db.models.functions import Cast
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from campaigns import report
from campaigns.enums import ENDED
from campaigns.models import Campaign
from core.ids import PublicId, uuid_of
from crm import registry
from crm.audiences import Context, Operator, Predicate, Rule, Unresolvable, opposite, register
from crm.audiences.values import BadValue, Rows, Value, id_of, listed
from messaging.models import Message

CAMPAIGN = PublicId("cmp")


def _campaigns() -> Any:
    return Campaign.objects.filter(deleted_at=None).order_by("-created_at")


CAMPAIGNS = Rows(_campaigns, CAMPAIGN, offered=Q(started_at__isnull=False))


class Again(Value):
    """`{"campaign": id, "codes": [reason…]}`: whom that campaign missed for these reasons."""

    input = "none"

    def read(self, raw: Any) -> dict[str, Any]:
        if not isinstance(raw, Mapping):
            raise BadValue("rule_value", _("Say which campaign and for which reasons."))
        pk = id_of(CAMPAIGN, str(raw.get("campaign") or ""))
        if pk is None or not _campaigns().filter(pk=pk).exists():
            raise BadValue("audience_unknown", _("This campaign does not exist (any more)."))
        return {"campaign": str(pk), "codes": listed(raw.get("codes"))}

    def words(self, value: Mapping[str, Any]) -> str:
        found = _campaigns().filter(pk=uuid_of(value["campaign"])).first()
        return f"“{found.name}”" if found else "—"


def _got(rule: Rule, **which: Any) -> Q:
    rows = Message.objects.filter(
        report.SENT, contact=OuterRef("pk"), stream__campaign__in=rule.value, **which
    )
    return Q(Exists(rows))


def _received(rule: Rule, context: Context) -> Q:
    return _got(rule)


def _answered(rule: Rule, context: Context) -> Q:
    return _got(rule, replied_at__isnull=False)


def _clicked(rule: Rule, context: Context) -> Q:
    return _got(rule, clicked_at__isnull=False)


def _again(rule: Rule, context: Context) -> Q:
    campaign = Campaign.objects.filter(pk=rule.value["campaign"]).first()
    if campaign is None:
        raise Unresolvable(rule.kind)
    rows = report.resendable(campaign, rule.value["codes"])
    return Q(pk__in=rows.values("contact_id"))


def _needing(segment_id: UUID) -> Iterator[registry.Use]:
    """The campaigns that have yet to look up a saved audience (or a tag)."""
    waiting = Campaign.objects.filter(prepared_at=None, deleted_at=None).exclude(state__in=ENDED)
    for campaign in waiting.annotate(text=Cast("audience", TextField())).filter(
        text__contains=str(segment_id)
    ):
        yield registry.Use(campaign.name, reverse_lazy("campaign", args=[campaign.pk]))


def register_all() -> None:
    """Announce these rules, and which campaigns need a saved audience."""
    registry.add_segment_use(_needing)
    received = Operator("received", _("received"), CAMPAIGNS, _received)
    answered = Operator("answered", _("answered"), CAMPAIGNS, _answered)
    clicked = Operator("clicked", _("opened a link of"), CAMPAIGNS, _clicked)
    register(
        Predicate(
            "campaign",
            _("Campaign"),
            (
                received,
                opposite(received, "not_received", _("did not receive")),
                answered,
                opposite(answered, "not_answered", _("did not answer")),
                clicked,
                opposite(clicked, "not_clicked", _("opened no link of")),
            ),
            order=70,
        )
    )
    again = Operator("is", _("missed by"), Again(), _again)
    register(Predicate("resend_of", _("Sent again"), (again,), is_listed=False))
