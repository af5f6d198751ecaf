"""An event is shown to the automations that it may start."""

from django.utils import timezone

from tenants.models import Company
from tests.crm.factories import a_contact
from tests.webhooks.automations.factories import (
    a_step,
    all_of,
    an_automation,
    hear,
    told,
)
from webhooks.automations.happening import Happening
from webhooks.automations.models import Automation, Run
from webhooks.automations.scene import Scene
from webhooks.automations.services import listeners, misses

WAIT = a_step("wait", **{"for": {"amount": 1, "unit": "days"}})


def test_an_event_is_shown_to_those_who_ask_for_its_product(company: Company) -> None:
    asked = {
        name: {"kind": "event:product", "op": "is", "value": name} for name in ("Caneca", "Bolo")
    }
    cup, _cake = (an_automation(WAIT, conditions=all_of(asked[name])) for name in asked)
    whoever = an_automation(WAIT)
    contact = a_contact()
    told("pix.created", contact, product="caneca")
    hear()
    assert {run.automation for run in Run.objects.all()} == {cup, whoever}
    [heard] = listeners.of_types(["pix.created"]).values()
    for one in (misses.allowance(pk) for pk in Automation.objects.values_list("pk", flat=True)):
        one.left = 0  # nobody may note that it started nothing
    scene = Scene(
        Happening.of(told("pix.created", contact, product="CANECA")), contact.pk, now=timezone.now()
    )
    assert {one.automation_id for one in heard.meant(scene)} == {cup.pk, whoever.pk}
