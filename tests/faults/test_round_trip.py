"""Everything at once: web, worker and scanner as processes, and a provider that answers."""

from collections.abc import Callable

import httpx
import pytest

from messaging import selectors
from messaging.enums import MediaState
from messaging.models import Media, Message, Thread
from sandbox.testing import Handle
from tenants.models import Company
from tests.faults import rig
from tests.faults.conftest import Campaign
from tests.faults.served import product


@pytest.mark.faults
def test_statuses_answers_and_files_come_back(
    a_campaign: Callable[..., Campaign], committed_company: Company, sandbox: Handle
) -> None:
    campaign = a_campaign(50, 100)
    rig.set_sandbox(sandbox, delays={"sent": 0.1, "delivered": 0.2, "read": 0.3})
    with product(campaign, committed_company, sandbox) as worker:
        rig.until(
            lambda: selectors.counts(campaign.stream.pk)["read"] == 50,
            60,
            f"{selectors.counts(campaign.stream.pk)} {worker.output()[-3000:]}",
        )
        answered = Message.objects.filter(stream=campaign.stream).first()
        assert answered is not None
        httpx.post(
            f"{sandbox.url}/_sandbox/inbound",
            json={
                "provider": "meta",
                "connection": campaign.connection.external_id,
                "from": answered.address.lstrip("+"),
                "media": {"kind": "image", "caption": "Olha"},
            },
        ).raise_for_status()
        rig.until(
            lambda: Media.objects.filter(state=MediaState.READY).exists(),
            30,
            "the picture did not come",
        )
        rig.until(lambda: selectors.counts(campaign.stream.pk)["replied"] == 1, 10, "no reply")
    received = Message.objects.get(direction="in")
    assert received.content == {"caption": "Olha"}
    assert Thread.objects.get(pk=received.thread_id).window_until is not None
