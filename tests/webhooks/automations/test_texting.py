"""The step that sends an SMS, against the carrier's stand-in."""

import pytest

from connections.models import Connection
from crm.models import Contact
from messaging.dispatch import lanes
from messaging.dispatch.pump import pump
from messaging.enums import DispatchState
from messaging.models import Message
from sandbox.testing import Handle
from tenants.models import Company
from tests.messaging import texting
from tests.webhooks.automations.factories import a_step, an_automation, hear, told
from webhooks.automations.models import RunStep


@pytest.fixture
def number(company: Company, sandbox: Handle) -> Connection:
    return texting.a_text_number()


@pytest.fixture
def ana(number: Connection) -> Contact:
    [found] = texting.people(1)
    return found


def test_an_sms_reaches_the_phone_once(number: Connection, ana: Contact, sandbox: Handle) -> None:
    an_automation(a_step("send_sms", text="Seu pedido {{event.order_id}} espera"))
    event = told("pix.created", ana, order_id="7")
    hear()
    pump(lanes.REPLIES, str(number.pk))
    hear()
    pump(lanes.REPLIES, str(number.pk))
    [there] = texting.sent(sandbox)
    assert there["body"] == "Seu pedido 7 espera"
    message = Message.objects.get()
    assert (message.dispatch, message.connection_id) == (DispatchState.ACCEPTED, number.pk)
    step = RunStep.objects.get(kind="send_sms")
    assert (step.outcome, step.said["message"]) == ("done", str(message.pk))
    assert event.uid == step.run.event_uid


def test_the_same_text_from_two_steps_reaches_the_phone_once(
    number: Connection, ana: Contact, sandbox: Handle
) -> None:
    step = a_step("send_sms", text="Pague o PIX", purpose="marketing")
    an_automation(step, {**step, "id": "again"})
    told("pix.created", ana)
    hear()
    pump(lanes.REPLIES, str(number.pk))
    assert len(texting.sent(sandbox)) == 1
    codes = Message.objects.order_by("created_at", "pk").values_list("code", flat=True)
    assert sorted(codes) == ["", "sms_duplicate"]
