"""Automations tell another system something."""

from integrations.enums import PushKind
from integrations.models import Integration, Push
from integrations.services import connecting
from tests.crm.factories import a_contact
from tests.integrations.conftest import Stand, push_all
from tests.webhooks.automations.factories import a_step, an_automation, hear, told
from webhooks.automations.enums import Outcome
from webhooks.automations.models import Run


def test_a_contact_and_a_note_go_there_once(integration: Integration, stand: Stand) -> None:
    system = str(integration.pk)
    an_automation(
        a_step("send_to_system", system=system),
        a_step("note_in_system", system=system, text="Pedido {{event.order_id}}", sight="public"),
    )
    person = a_contact("Ana")
    told("pix.created", person, order_id="7")
    hear()
    assert set(Push.objects.values_list("kind", "contact")) == {
        (PushKind.CONTACT, person.pk),
        (PushKind.NOTE, person.pk),
    }
    push_all(integration)
    [note] = stand.account()["notes"]
    assert (note["params"]["text"], note["note_type"]) == ("Pedido 7", "extended_service_message")


def test_what_is_missing_is_said_in_the_log(integration: Integration) -> None:
    system = str(integration.pk)
    an_automation(
        a_step("note_in_system", system=system, text="{{event.pix_code}}"),
        a_step("send_to_system", system=system),
    )
    connecting.disconnect(integration=integration)
    told("pix.created", a_contact("Ana"), order_id="7")
    hear()
    steps = Run.objects.get().steps.filter(outcome=Outcome.REFUSED)
    assert sorted(step.code for step in steps) == ["system_gone", "value_missing"]
    assert not Push.objects.exists()
