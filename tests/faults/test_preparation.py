"""A preparation that dies half-way goes on where it was: each person is in the run once."""

import pytest
from django.db import connection

from campaigns.services import lifecycle, preparation
from messaging.enums import DispatchState
from messaging.models import Message
from sandbox.testing import Handle
from tenants.models import Company
from tests.campaigns.factories import a_campaign
from tests.faults import oracle, rig
from tests.messaging import factories

SIZE = 4_500  # three chunks


@pytest.mark.faults
def test_a_preparation_that_dies_with_each_chunk_repeats_and_forgets_nobody(
    committed_company: Company, sandbox: Handle
) -> None:
    number = factories.a_connection()
    people = {one.pk for one in factories.contacts(SIZE)}
    rig.set_sandbox(sandbox, delays={"sent": 600, "delivered": 600, "read": 600})
    campaign = a_campaign(factories.a_template(number), variables=_VALUES)
    lifecycle.start(campaign_id=campaign.pk, actor="system")

    env = rig.environment(sandbox)
    fatal = {**env, "FAILPOINT": preparation.BEFORE_CURSOR}
    dead = rig.scanner(fatal)
    with rig.running(dead):
        assert dead.process.wait(60) == 9, dead.output()[-2000:]
    assert not Message.objects.exists()  # rows and cursor stand and fall together
    half = rig.scanner(env)
    with rig.running(half):
        rig.until(Message.objects.exists, 60, "it does not prepare", every=0.01)
        half.kill()
    with rig.running(rig.scanner(env)):
        rig.until(lambda: len(rig.ledger(sandbox)) > 0, 90, "it does not begin")
        campaign.refresh_from_db()
        rig.until(lambda: oracle.is_quiet(campaign.stream), 120, "the run did not finish")

    connection.close()
    rows = Message.objects.filter(stream=campaign.stream)
    assert set(rows.values_list("contact", flat=True)) == people
    assert rows.count() == SIZE
    assert set(rows.values_list("dispatch", flat=True)) == {DispatchState.ACCEPTED}
    oracle.check(campaign.stream, rig.ledger(sandbox), planned=SIZE)


_VALUES = {"1": {"field": "first_name", "fallback": "x"}, "2": {"value": "7"}}
