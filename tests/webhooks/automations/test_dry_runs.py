"""A dry run says what would have been done, and does nothing of it."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from core.errors import Invalid
from crm.models import Tag
from crm.suppression_key import digester
from tenants.models import Company
from tests.conversations.factories import closed_window
from tests.webhooks.automations.factories import (
    a_definition,
    a_step,
    a_talk,
    all_of,
    an_automation,
    text,
    told,
    wait_for,
)
from webhooks.automations.enums import DryRunState
from webhooks.automations.models import Automation, DryRun, DryRunItem
from webhooks.automations.services import automations, dry_runs

ITS_OWN = {"automations_dryrun", "automations_dryrunitem"}


def tried(automation: Automation, definition: dict[str, Any] | None = None) -> DryRun:
    dry = dry_runs.start(automation=automation, definition=definition)
    dry_runs.go_on(str(dry.pk))
    dry.refresh_from_db()
    return dry


def fingerprint() -> dict[str, Any]:
    """Every table of the company, but those of dry runs and the agenda."""
    tables = {model._meta.db_table for model in apps.get_models()} - ITS_OWN
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        here = {name for (name,) in cursor.fetchall()} & tables
        for name in sorted(here):
            cursor.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t")
            found[name] = cursor.fetchone()
    return found


def test_nothing_changes_but_its_own_rows(company: Company) -> None:
    tag = Tag.objects.create(name="VIP", key="vip")
    talk = a_talk()
    automation = an_automation(
        text("Oi {{event.pix_code}}"),
        a_step("add_tag", tags=[str(tag.pk)]),
        a_step("add_note", text="Pagou {{event.amount}}"),
        a_step("resolve"),
        wait_for("pix.paid", then=[text("Obrigado")], else_=[text("Lembrete")]),
    )
    told("pix.created", talk.contact, order_id="7", amount=1990, pix_code="000201")
    told("pix.paid", talk.contact, order_id="7")
    digester()  # the company's key is made when somebody is looked up for the first time
    before = fingerprint()
    dry = tried(automation)
    after = fingerprint()
    assert {name for name in after if after[name] != before[name]} == set()
    assert (dry.state, dry.done, dry.counts["starts"]) == (DryRunState.DONE, 1, 1)
    item = DryRunItem.objects.get()
    assert [(line["kind"], line["outcome"]) for line in item.lines] == [
        ("conditions", "held"),
        ("send_text", "done"),
        ("add_tag", "done"),
        ("add_note", "done"),
        ("resolve", "done"),
        ("wait_event", "waited"),
        ("send_text", "done"),
    ]
    assert item.lines[-1]["said"]["text"] == "Obrigado"


def test_the_gate_gives_its_word(company: Company) -> None:
    talk = a_talk()
    closed_window(talk)
    automation = an_automation(text("Oi"))
    told("pix.created", talk.contact)
    dry = tried(automation)
    assert dry.counts["refused"] == {"window_closed": 1}


def test_what_does_not_hold_is_told_with_what_was_seen(company: Company) -> None:
    talk = a_talk()
    automation = an_automation(
        text("Oi"), conditions=all_of({"kind": "event:amount", "op": "greater", "value": 5000})
    )
    told("pix.created", talk.contact, amount=100)
    dry = tried(automation)
    assert (dry.counts["misses"], dry.counts["reasons"]) == (1, {"conditions": 1})
    assert DryRunItem.objects.get().lines[0]["said"]["asked"][0]["seen"] == 100


def test_it_is_compared_with_the_version_in_force(company: Company) -> None:
    talk = a_talk()
    automation = an_automation(text("Oi"))
    for amount in (100, 9900):
        told("pix.created", talk.contact, amount=amount, order_id=str(amount))
    above = all_of({"kind": "event:amount", "op": "greater", "value": 5000})
    same = tried(automation)
    stricter = tried(automation, a_definition(text("Oi"), conditions=above))
    other = tried(automation, a_definition(text("Olá")))
    assert [one.counts["differs"] for one in (same, stricter, other)] == [0, 1, 2]
    assert (stricter.counts["only_old"], stricter.counts["only_new"]) == (1, 0)
    [differing] = DryRunItem.objects.filter(dry_run=stricter, differs=True)
    assert (differing.starts, differing.old_starts) == (False, True)


def test_a_draft_without_a_version_is_compared_with_nothing(company: Company) -> None:
    talk = a_talk()
    draft = automations.create(name="PIX", definition=a_definition(text("Oi")))
    told("pix.created", talk.contact)
    dry = tried(draft)
    assert (dry.against, dry.counts["starts"], dry.counts["differs"]) == (None, 1, 0)


def test_only_so_many_events_are_looked_at_the_newest(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = a_talk()
    automation = an_automation(text("Oi"))
    monkeypatch.setattr(dry_runs, "MOST_EVENTS", 2)
    for order in "123":
        told("pix.created", talk.contact, order_id=order)
    dry = tried(automation)
    assert (dry.total, dry.done, dry.is_cut) == (2, 2, True)


def test_what_no_event_starts_is_not_tried(company: Company) -> None:
    trigger = {"kind": "schedule", "params": {"days": ["0"], "at": "09:00"}}
    draft = automations.create(name="Semana", definition=a_definition(trigger=trigger))
    with pytest.raises(Invalid) as refused:
        dry_runs.start(automation=draft)
    assert set(refused.value.errors) == {"trigger"}


def test_one_that_is_cancelled_looks_at_no_more(company: Company) -> None:
    automation = an_automation(text("Oi"))
    told("pix.created", a_talk().contact)
    dry = dry_runs.start(automation=automation)
    assert list(dry_runs.due(None)) == [(str(dry.pk), dry.created_at)]
    dry_runs.cancel(dry_run=dry)
    dry_runs.go_on(str(dry.pk))
    assert not DryRunItem.objects.exists()


def test_what_a_service_refuses_is_told_and_the_run_goes_on_behind_it(company: Company) -> None:
    talk = a_talk()
    automation = an_automation(text("{{event.pix_code}} " * 100), text("Oi"))
    told("pix.created", talk.contact, pix_code="0" * 300)
    dry = tried(automation)
    assert dry.state == DryRunState.DONE
    lines = DryRunItem.objects.get().lines
    assert [line["outcome"] for line in lines] == ["held", "refused", "done"]
    assert (lines[1]["code"], bool(lines[1]["said"]["why"])) == ("invalid", True)


def test_an_event_that_cannot_be_gone_through_ends_it_with_its_cause(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    automation = an_automation(text("Oi"))
    told("pix.created", a_talk().contact)

    def broken(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError("nothing to divide by")

    monkeypatch.setattr(dry_runs.foresight, "foresee", broken)
    dry = tried(automation)
    assert (dry.state, dry.error) == (
        DryRunState.FAILED,
        "ZeroDivisionError: nothing to divide by",
    )
    assert list(dry_runs.due(None)) == []
