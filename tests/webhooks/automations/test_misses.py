"""Why events started nothing: the last ones of each automation say it."""

from tenants.models import Company
from tests.crm.factories import a_contact
from tests.webhooks.automations.factories import (
    a_step,
    all_of,
    an_automation,
    hear,
    told,
)
from webhooks.automations.models import Miss, Run
from webhooks.automations.services import misses

WAIT = a_step("wait", **{"for": {"amount": 1, "unit": "days"}})
ABOVE_50 = {"kind": "event:amount", "op": "greater", "value": "50,00"}


def test_what_did_not_hold_is_noted_with_what_was_seen(company: Company) -> None:
    an_automation(WAIT, conditions=all_of(ABOVE_50))
    told("pix.created", a_contact(), amount=1990)
    hear()
    miss = Miss.objects.get()
    assert not Run.objects.exists()
    assert (miss.code, miss.said["asked"]) == (
        "conditions",
        [{"kind": "event:amount", "op": "greater", "seen": 1990, "held": False, "value": 5000}],
    )


def test_only_the_last_ones_are_kept(company: Company) -> None:
    automation = an_automation(WAIT)
    Miss.objects.bulk_create(
        Miss(automation=automation, event_uid=automation.pk, event_type="x", code="conditions")
        for _number in range(misses.KEPT + 7)
    )
    misses.forget([automation.pk])
    assert Miss.objects.count() == misses.KEPT
