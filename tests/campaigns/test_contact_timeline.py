"""A contact's page tells which campaigns the person was a recipient of."""

import pytest

from campaigns.services import lifecycle
from campaigns.services.preparation import prepare
from crm.models import Contact
from crm.registry import entries_of
from crm.services.contacts import OptIn
from tests.campaigns.factories import a_campaign
from tests.crm.factories import a_contact


@pytest.mark.usefixtures("company")
def test_a_campaign_stands_in_the_history_of_its_recipients_for_those_who_may_see_it() -> None:
    a_contact(opt_in=OptIn(source="balcão"))
    campaign = a_campaign()
    lifecycle.start(campaign_id=campaign.pk, actor="system")
    prepare(campaign.pk)
    contact = Contact.objects.get()
    [entry] = entries_of(contact, frozenset({"campaigns.view"}))
    assert (campaign.name in str(entry.title), str(campaign.pk) in entry.url) == (True, True)
    assert entries_of(contact, frozenset()) == []
