"""The check and the last look: what would happen, who is left out, a try on a phone."""

from collections.abc import Callable

import pytest
from django.test import Client

from campaigns.models import Campaign
from campaigns.who import people_for
from connections.models import Connection
from core import scope
from crm.models import Contact
from crm.services.contacts import OptIn
from messaging.models import Message
from tenants.models import Company
from tests.campaigns.factories import a_campaign
from tests.crm.factories import a_contact
from tests.messaging.factories import address_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def visitor(aurora: Company, client_for: Callable[..., Client]) -> Client:
    return client_for(aurora)


@pytest.fixture
def draft(aurora: Company) -> Campaign:
    """To two people, one of whom gave no permission."""
    with scope.opened(aurora), scope.surroundings(aurora):
        a_contact(name="Ana", opt_in=OptIn(source="loja"))
        a_contact(name="Bia")
        return a_campaign()


def url(path: str, campaign: Campaign) -> str:
    return f"/c/aurora/campaigns/{campaign.pk}/{path}"


def test_the_check_counts_and_names_each_cause(visitor: Client, draft: Campaign) -> None:
    page = visitor.get(url("check/found/", draft), headers=HTMX).content.decode()
    assert 'id="preflight-sendable" data-count="1"' in page
    assert 'data-code="no_consent"' in page
    assert "Olá Ana, temos uma oferta." in page


def test_a_cause_shows_who_stands_behind_it(visitor: Client, draft: Campaign) -> None:
    page = visitor.get(url("check/who/?code=no_consent", draft), headers=HTMX).content.decode()
    assert ("Bia" in page, "Ana" in page) == (True, False)


def test_only_the_first_are_looked_for(company: Company) -> None:
    for name in ("Ana", "Bia", "Caio"):
        a_contact(name=name)
    found = people_for(a_campaign(), "no_consent", limit=2)
    assert len(found) == 2


def test_what_is_missing_is_told_by_step_with_the_way_there(
    visitor: Client, aurora: Company, draft: Campaign
) -> None:
    with scope.opened(aurora):
        Campaign.objects.filter(pk=draft.pk).update(template=None)
    for path in ("check/found/", "send/ready/"):
        page = visitor.get(url(path, draft), headers=HTMX).content.decode()
        assert url("message/", draft) in page
        assert "campaign-start" not in page


def test_the_last_look_says_to_how_many(visitor: Client, draft: Campaign) -> None:
    page = visitor.get(url("send/ready/", draft), headers=HTMX).content.decode()
    assert 'class="ready-number" data-count="1"' in page
    assert url("start/", draft) in page


def test_nobody_means_no_button(visitor: Client, aurora: Company) -> None:
    with scope.opened(aurora), scope.surroundings(aurora):
        campaign = a_campaign()
    page = visitor.get(url("send/ready/", campaign), headers=HTMX).content.decode()
    assert "campaign-start" not in page


def test_a_test_goes_to_one_phone_and_counts_nowhere(
    visitor: Client, aurora: Company, draft: Campaign
) -> None:
    with scope.opened(aurora):
        phone = address_of(Contact.objects.get(name="Ana"))
    answer = visitor.post(url("check/trial/", draft), {"phone": phone}, headers=HTMX)
    assert "On its way. It counts in no report." in answer.content.decode()
    with scope.opened(aurora):
        assert list(Message.objects.values_list("variant", "stream")) == [("test", None)]


def test_a_test_that_waits_says_why(visitor: Client, aurora: Company, draft: Campaign) -> None:
    with scope.opened(aurora):
        phone = address_of(Contact.objects.get(name="Ana"))
        Connection.objects.update(state="paused")
    answer = visitor.post(url("check/trial/", draft), {"phone": phone}, headers=HTMX)
    assert "It waits. The number is paused." in answer.content.decode()


def test_who_gave_no_permission_gets_no_test(
    visitor: Client, aurora: Company, draft: Campaign
) -> None:
    with scope.opened(aurora):
        phone = address_of(Contact.objects.get(name="Bia"))
    answer = visitor.post(url("check/trial/", draft), {"phone": phone}, headers=HTMX)
    assert "There is no recorded permission" in answer.content.decode()


def test_a_phone_that_is_none_is_told_so(visitor: Client, draft: Campaign) -> None:
    answer = visitor.post(url("check/trial/", draft), {"phone": "123"}, headers=HTMX)
    assert answer.status_code == 422
    assert 'id="trial-error"' in answer.content.decode()


def test_the_version_tested_stays_chosen(visitor: Client, aurora: Company, draft: Campaign) -> None:
    with scope.opened(aurora):
        variants = [
            {"key": key, "template_id": str(draft.template_id), "weight": 1} for key in "AB"
        ]
        Campaign.objects.filter(pk=draft.pk).update(variants=variants)
    typed = {"phone": "123", "variant": "B"}
    page = visitor.post(url("check/trial/", draft), typed, headers=HTMX).content.decode()
    assert '<option value="B" selected>' in page
