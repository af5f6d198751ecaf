"""The log: runs of all automations or of one, a run step by step, and what started nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from core.ids import uuid_of
from core.keyset import page_of
from crm import selectors as contacts
from crm.models import Contact
from events.models import Event
from tenants.access import requires
from tenants.http import MemberRequest
from tenants.permissions import allows
from webhooks.automations import event_types, placeholders, selectors, words
from webhooks.automations.enums import LIVE, Outcome, RunState
from webhooks.automations.models import Miss, Run, RunStep
from webhooks.automations.services import runs
from webhooks.automations.views.frame import frame, standing_at
from webhooks.sources.understood import field_label

PERIODS = [
    ("", gettext_lazy("Any time")),
    ("1", gettext_lazy("The last day")),
    ("7", gettext_lazy("The last 7 days")),
    ("30", gettext_lazy("The last 30 days")),
]
FOUND_CONTACTS = 200  # of a search, whose runs are looked for


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list of runs is narrowed to, as its address says it."""

    automation: UUID | None = None
    state: str = ""
    period: str = ""
    contact: str = ""

    @classmethod
    def of(cls, data: QueryDict) -> Filters:
        """As an address has them; what is not known counts as nothing."""
        state, period = data.get("state", ""), data.get("period", "")
        return cls(
            automation=uuid_of(data.get("automation")),
            state=state if state in RunState.values else "",
            period=period if period in dict(PERIODS) else "",
            contact=data.get("contact", "").strip().replace("\0", "")[:80],
        )

    @property
    def is_any(self) -> bool:
        """Whether a run may be left out beside those of other automations."""
        return bool(self.state or self.period or self.contact)

    @property
    def query(self) -> str:
        """As a query string."""
        pairs = [("automation", self.automation or ""), ("state", self.state)]
        return urlencode([*pairs, ("period", self.period), ("contact", self.contact)])

    def rows(self, now: datetime) -> QuerySet[Run]:
        """The runs that fit."""
        since = now - timedelta(days=int(self.period)) if self.period else None
        rows = selectors.run_list(automation_id=self.automation, state=self.state, since=since)
        if self.contact:
            found = contacts.contact_list(q=self.contact).values("pk")[:FOUND_CONTACTS]
            rows = rows.filter(contact__in=list(found.values_list("pk", flat=True)))
        return rows


@require_safe
@requires("automations.view")
def index(request: MemberRequest) -> HttpResponse:
    """Runs, the newest first."""
    filters = Filters.of(request.GET)
    automation = selectors.automation(filters.automation) if filters.automation else None
    page = page_of(
        filters.rows(timezone.now()), cursor=request.GET.get("cursor"), field="started_at"
    )
    context = {
        "automation": automation,
        "at": standing_at("runs"),
        "others": selectors.automation_list()[:100],
        "filters": filters,
        "states": RunState.choices,
        "periods": PERIODS,
        "page": page,
        "rows": list(_rows(page.items)),
    }
    template = "automations/runs.html#rows" if request.htmx else "automations/runs.html"
    return render(request, template, context)


@require_safe
@requires("automations.view")
def show(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- the route's word
    """One run: what was asked and seen, what was done, why not."""
    run = selectors.run(id)
    steps = list(run.steps.all())
    context = {
        "run": run,
        "who": who(run.contact),
        "cause": event_types.label_of(run.event_type),
        "state": words.standing(run, any(step.outcome == Outcome.REFUSED for step in steps)),
        "is_live": run.state in LIVE,
        "sentence": words.reason(run.code) or run.error,
        "alert_tone": "danger" if run.state == RunState.FAILED else "info",
        "lines": [words.line(step, run.version.definition) for step in steps],
        "said": _said(run),
        "event": _event(request, run),
    }
    return render(request, "automations/run.html", context)


@require_POST
@requires("automations.manage")
def stop(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Nothing more of it is done."""
    runs.stop(run=selectors.run(id))
    messages.success(request, _("The run is stopped."))
    return redirect("automation-run", id)


@require_POST
@requires("automations.manage")
def again(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Once more, with all that it does."""
    run = runs.run_again(run=selectors.run(id))
    messages.success(request, _("It runs again; this is the new run."))
    return redirect("automation-run", run.pk)


@require_safe
@requires("automations.view")
def misses(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Events that started nothing, and what did not hold."""
    automation = selectors.automation(id)
    rows = selectors.misses(automation.pk)
    context = {**frame(automation, "misses"), "misses": [_miss(row) for row in rows]}
    return render(request, "automations/misses.html", context)


def who(contact: Contact | None) -> str:
    """What a contact is called in the log."""
    return (contact.name or _("No name")) if contact is not None else _("Nobody in particular")


def _rows(page: list[Run]) -> Iterator[dict[str, Any]]:
    telling = _telling_steps(page)
    for run in page:
        step = telling.get(run.pk)
        yield {
            "run": run,
            "who": who(run.contact),
            "cause": event_types.label_of(run.event_type),
            "state": words.standing(run, step is not None and step.outcome == Outcome.REFUSED),
            "last": words.reason(run.code) or (words.line(step).detail if step else ""),
        }


def _telling_steps(page: list[Run]) -> dict[UUID, RunStep]:
    """The line of each run's log that tells most, in one query: the last one that was refused,
    else the newest."""
    is_refused = ExpressionWrapper(Q(outcome=Outcome.REFUSED), output_field=BooleanField())
    rows = RunStep.objects.filter(run__in=[run.pk for run in page]).annotate(refused=is_refused)
    return {row.run_id: row for row in rows.order_by("run", "-refused", "-id").distinct("run")}


def _event(request: MemberRequest, run: Run) -> Event | None:
    """The event that it began with, for those who may see the log; None of a clock's."""
    if not allows(request.membership.role, "events.view"):
        return None
    return Event.objects.filter(uid=run.event_uid).only("sequence").first()


def _said(run: Run) -> list[tuple[Any, str]]:
    """What the event told that texts may name, with its value."""
    fields = run.data.get("fields")
    names = sorted(fields) if isinstance(fields, dict) else []
    known = [(label, name) for name, label in placeholders.EVENT.items()]
    found = [*known, *((field_label(name), f"fields.{name}") for name in names)]
    told = [(label, placeholders.event_value(run.data, name)) for label, name in found]
    return [(label, value) for label, value in told if value]


def _miss(row: Miss) -> dict[str, Any]:
    asked = [words.seen(item) for item in row.said.get("asked") or ()]
    return {
        "who": who(row.contact),
        "contact": row.contact,
        "cause": event_types.label_of(row.event_type),
        "text": "" if asked else words.reason(row.code, row.said),
        "rows": asked,
        "at": row.at,
    }
