"""What became of a campaign: the funnel, why some got nothing, the variants beside each other, the
links, the money, and one recipient's story. Exact, from the rows."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.enums import NextStep
from campaigns.models import Campaign, Click, Link
from campaigns.variants import variants_of
from connections.providers.base import FailureClass
from messaging import reasons
from messaging.enums import HOLDOUT, REST, Direction, DispatchState, Rank
from messaging.models import Budget, Message, Receipt, Template

Text = str | Promise

_D = DispatchState
FAILED_LATER = Q(failed_at__isnull=False, rank__lt=Rank.DELIVERED)
SENT = Q(dispatch=_D.ACCEPTED) & ~FAILED_LATER
FAILED = Q(dispatch=_D.REJECTED) | (Q(dispatch=_D.ACCEPTED) & FAILED_LATER)
# Somebody who writes so long after a message answers it (messaging.services.inbound).
ANSWERS_WITHIN = timedelta(days=7)

STAGES: dict[str, tuple[Text, Q]] = {
    "sent": (pgettext_lazy("count", "Sent"), SENT),
    "delivered": (pgettext_lazy("count", "Delivered"), SENT & Q(rank__gte=Rank.DELIVERED)),
    "read": (pgettext_lazy("count", "Read"), SENT & Q(rank__gte=Rank.READ)),
    "replied": (pgettext_lazy("count", "Replied"), SENT & Q(replied_at__isnull=False)),
    "clicked": (pgettext_lazy("count", "Clicked"), SENT & Q(clicked_at__isnull=False)),
    "opted_out": (pgettext_lazy("count", "Opted out"), SENT & Q(opted_out_at__isnull=False)),
}


def _stages() -> dict[str, Count]:
    return {name: Count("pk", filter=rule) for name, (_label, rule) in STAGES.items()}


def _rows(campaign: Campaign) -> QuerySet[Message]:
    return Message.objects.filter(stream_id=campaign.stream_id)


# --- funnel


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of the funnel; `share` is its percentage of what was sent."""

    name: str
    label: Text
    count: int
    share: float


def funnel(campaign: Campaign) -> list[Stage]:
    """sent → delivered → read → replied → clicked → opted out, each a part of sent."""
    found = _rows(campaign).aggregate(**_stages())
    return [
        Stage(name, label, found[name], percent(found[name], found["sent"]))
        for name, (label, _rule) in STAGES.items()
    ]


def percent(part: int, whole: int) -> float:
    """A share in percent with one decimal; 0 of nothing."""
    return round(100 * part / whole, 1) if whole else 0.0


# --- failures


@dataclass(frozen=True, slots=True)
class Failure:
    """A cause and how many it kept from getting the message.

    Attributes:
        group: failed, skipped, waiting, unknown or expired.
        next_step: what helps (`enums.NextStep`), offered beside the advice.
        can_resend: whether `services.copies.resend` takes these rows.
    """

    reason: reasons.Reason
    group: str
    count: int
    next_step: NextStep
    can_resend: bool


_GROUPS: dict[str, Q] = {
    "failed": FAILED,
    "skipped": Q(dispatch=_D.SKIPPED),
    "waiting": Q(dispatch__in=(_D.QUEUED, _D.RETRY_WAIT)) & ~Q(code=""),
    "unknown": Q(dispatch__in=(_D.UNKNOWN, _D.UNCONFIRMED)),
    "expired": Q(dispatch=_D.EXPIRED),
}
# Another try could not, or must not, reach these.
_NEVER_AGAIN = frozenset(
    {
        *("opted_out", "suppressed", "contact_deleted", "duplicate", "address_invalid"),
        *("sms_duplicate", HOLDOUT),
    }
)
_AGAIN = frozenset(
    {
        FailureClass.RETRYABLE,
        FailureClass.THROTTLED,
        FailureClass.PACED,
        FailureClass.AUTH,
        FailureClass.TEMPLATE,
    }
)
_AGAIN_CODES = frozenset({"attempts_exhausted", "build_failed", "media_not_ready"})


def failures(campaign: Campaign) -> list[Failure]:
    """Why recipients got nothing (yet), the most frequent cause of each group first."""
    found = []
    for group, rule in _GROUPS.items():
        counted = _rows(campaign).filter(rule).values_list("code").annotate(count=Count("pk"))
        for code, count in counted.order_by("-count", "code"):
            reason = reasons.explain(code or group, provider=campaign.provider)
            step = _next_step(group, reason)
            found.append(Failure(reason, group, count, step, _may_resend(group, reason)))
    return found


def resendable_codes(campaign: Campaign) -> list[str]:
    """The causes after which another try makes sense and can make nothing worse."""
    return [one.reason.code for one in failures(campaign) if one.can_resend]


def resendable(campaign: Campaign, codes: Collection[str]) -> QuerySet[Message]:
    """The recipients that provably got nothing for these reasons and were not tried again yet."""
    over = Q(dispatch__in=(_D.SKIPPED, _D.EXPIRED)) | FAILED
    cancelled = Q(dispatch=_D.CANCELLED)
    again = Message.objects.filter(~(over | cancelled), resend_of=OuterRef("pk"))
    return _rows(campaign).filter(over, ~Exists(again), code__in=list(codes))


def _may_resend(group: str, reason: reasons.Reason) -> bool:
    if group == "expired":
        return True
    if group == "skipped":
        return reason.code not in _NEVER_AGAIN
    return group == "failed" and (reason.klass in _AGAIN or reason.code in _AGAIN_CODES)


def _next_step(group: str, reason: reasons.Reason) -> NextStep:
    if group == "unknown" and reason.code != _D.UNCONFIRMED:
        return NextStep.WAIT
    if reason.klass == FailureClass.AUTH or reason.code.startswith("connection_"):
        return NextStep.NUMBER
    if reason.klass == FailureClass.TEMPLATE or reason.code.startswith("template_"):
        return NextStep.TEMPLATE
    if reason.code == "budget_reached":
        return NextStep.BUDGET
    if group == "waiting":
        return NextStep.WAIT
    if group in ("failed", "expired") and _may_resend(group, reason):
        return NextStep.RESEND
    return NextStep.CONTACTS


# --- variants


@dataclass(frozen=True, slots=True)
class VariantRow:
    """One variant, or the group that was kept out, in numbers.

    Attributes:
        counts: total, failed and the funnel's stages.
        shares: the stages in percent of what was sent.
        uplift: percentage points of people who wrote back above the group that was kept out; None
            without such a group, or before anything was sent.
    """

    key: str
    template: str
    counts: dict[str, int]
    shares: dict[str, float] = field(default_factory=dict)
    uplift: float | None = None
    is_winner: bool = False


def by_variant(campaign: Campaign) -> list[VariantRow]:
    """The variants in their order, then the group that was kept out (`holdout`), if any.

    Replies of the kept-out group are people who wrote to us within seven days of their row.
    """
    counted = _rows(campaign).exclude(variant=REST).order_by().values("variant")
    counted = counted.annotate(total=Count("pk"), failed=Count("pk", filter=FAILED), **_stages())
    found: dict[str, dict[str, int]] = {
        row["variant"]: {name: row[name] for name in ("total", "failed", *STAGES)}  # type: ignore[literal-required]
        for row in counted
    }
    held_out = found.pop(HOLDOUT, None)
    base = None
    if held_out is not None:
        held_out["replied"] = _held_out_replies(campaign)
        base = percent(held_out["replied"], held_out["total"])
    nobody = dict.fromkeys(("total", "failed", *STAGES), 0)
    templates = Template.objects.in_bulk({one.template_id for one in variants_of(campaign)})
    rows = [
        _variant_row(
            campaign, one.key, templates[one.template_id].name, found.get(one.key, nobody), base
        )
        for one in variants_of(campaign)
    ]
    if held_out is not None:
        rows.append(VariantRow(HOLDOUT, "", held_out, {"replied": base or 0.0}))
    return rows


def _variant_row(
    campaign: Campaign, key: str, template: str, counts: dict[str, int], base: float | None
) -> VariantRow:
    shares = {name: percent(counts[name], counts["sent"]) for name in STAGES}
    is_known = base is not None and counts["sent"] > 0
    uplift = round(shares["replied"] - (base or 0.0), 1) if is_known else None
    is_winner = bool(key) and key == campaign.winner
    return VariantRow(key, template, counts, shares, uplift, is_winner)


def _held_out_replies(campaign: Campaign) -> int:
    wrote = Message.objects.filter(
        contact=OuterRef("contact"),
        direction=Direction.IN,
        at__gte=OuterRef("at"),
        at__lt=OuterRef("at") + ANSWERS_WITHIN,
    )
    return _rows(campaign).filter(Exists(wrote), variant=HOLDOUT).count()


# --- links and money


def links(campaign: Campaign) -> list[dict[str, Any]]:
    """Where the messages lead: `{"url", "clicks", "people"}`, the most clicked first."""
    clicked = (
        Click.objects.filter(code__link__campaign=campaign)
        .order_by()
        .values_list("code__link")
        .annotate(clicks=Count("pk"), people=Count("code", distinct=True))
    )
    found = {pk: (count, people) for pk, count, people in clicked}
    rows = [
        {"url": link.url, "clicks": counts[0], "people": counts[1]}
        for link in Link.objects.filter(campaign=campaign).order_by("url")
        for counts in [found.get(link.pk, (0, 0))]
    ]
    return sorted(rows, key=lambda row: -row["clicks"])


def clicks(message: Message) -> QuerySet[Click]:
    """When one recipient opened its links, in order."""
    return Click.objects.filter(code__message=message).select_related("code__link").order_by("at")


@dataclass(frozen=True, slots=True)
class Cost:
    """Money of a run in one currency: `billed` is the provider's word, `held` our estimate."""

    currency: str
    billed: Decimal
    held: Decimal

    @property
    def total(self) -> Decimal:
        return self.billed + self.held


def costs(campaign: Campaign) -> list[Cost]:
    """What it has cost so far, by currency."""
    rows = (
        _rows(campaign)
        .exclude(cost=None)
        .order_by("currency")
        .values("currency")
        .annotate(
            billed=Sum("cost", filter=Q(is_billed=True)),
            held=Sum("cost", filter=Q(is_billed=False)),
        )
    )
    zero = Decimal(0)
    return [Cost(row["currency"], row["billed"] or zero, row["held"] or zero) for row in rows]


def budget_used(campaign: Campaign) -> Decimal:
    """What of the campaign's own budget is held or spent."""
    row = Budget.objects.filter(stream_id=campaign.stream_id).first()
    return row.used if row else Decimal(0)


# --- one recipient


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened to a recipient's message.

    Attributes:
        kind: planned, sent, delivered, read, failed, clicked, replied, opted_out, skipped …
        detail: an address, or the provider's own words.
    """

    at: datetime
    kind: str
    label: Text
    reason: reasons.Reason | None = None
    detail: str = ""


_LABELS: dict[str, Text] = {
    "planned": _("Planned"),
    "accepted": _("Accepted by the provider"),
    "sent": _("Sent"),
    "delivered": _("Delivered"),
    "read": _("Read"),
    "played": _("Played"),
    "failed": _("Failed"),
    "clicked": _("Opened the link"),
    "replied": _("Replied"),
    "opted_out": _("Opted out"),
}

_ORDER = {kind: place for place, kind in enumerate(_LABELS)}


def timeline(message: Message, *, provider: str) -> list[Moment]:
    """A recipient's story in order: planned, accepted, what the provider told, clicks, replies."""
    found = [*_own_moments(message), *_told(message, provider), *_clicked(message)]
    beginning = message.accepted_at or message.created_at

    def place(moment: Moment) -> tuple[datetime, int, datetime]:
        # The provider tells whole seconds of its own clock: within one, a message goes its natural
        # way, and nothing happens to it before it was accepted.
        is_ours = moment.kind in ("planned", "accepted")
        at = moment.at if is_ours else max(moment.at, beginning)
        return at.replace(microsecond=0), _ORDER.get(moment.kind, len(_ORDER)), moment.at

    return sorted(found, key=place)


def _own_moments(message: Message) -> Iterable[Moment]:
    times = {
        "planned": message.created_at,
        "accepted": message.accepted_at,
        "replied": message.replied_at,
        "opted_out": message.opted_out_at,
    }
    return [Moment(at, kind, _LABELS[kind]) for kind, at in times.items() if at is not None]


def _told(message: Message, provider: str) -> Iterable[Moment]:
    for receipt in Receipt.objects.filter(message=message):
        reason = reasons.explain(receipt.code, provider=provider) if receipt.code else None
        label = _LABELS.get(receipt.kind, receipt.kind)
        yield Moment(receipt.at, receipt.kind, label, reason, receipt.detail)


def _clicked(message: Message) -> Iterable[Moment]:
    return [
        Moment(click.at, "clicked", _LABELS["clicked"], detail=click.code.link.url)
        for click in clicks(message)
    ]
