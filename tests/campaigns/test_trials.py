"""A test send: through the same gate, to a few, never counted in the run."""

import pytest

from campaigns.models import Campaign
from campaigns.selectors import counts
from campaigns.services import trials
from core.errors import Conflict, Invalid
from crm.models import Contact
from messaging.enums import DispatchState, MediaState, Origin
from messaging.models import Media, Message
from tenants.models import Company
from tests.campaigns.factories import a_campaign, a_connection, a_template
from tests.crm.factories import a_contact


@pytest.fixture
def campaign(company: Company) -> Campaign:
    return a_campaign()


def test_it_goes_out_at_once_and_belongs_to_no_run(campaign: Campaign) -> None:
    person = a_contact("Bia Souza")
    [sent] = trials.send_trial(campaign=campaign, by=None, contacts=[person])
    sent.refresh_from_db()
    assert (sent.stream, sent.variant, sent.origin) == (None, "test", Origin.CAMPAIGN)
    assert (sent.dispatch, sent.content["body"]) == (
        DispatchState.QUEUED,
        "Olá Bia, temos uma oferta.",
    )
    assert counts(campaign)["total"] == 0


def test_a_phone_is_enough_and_missing_values_are_shown_by_example(company: Company) -> None:
    campaign = a_campaign(variables={"nome": {"field": "first_name"}})
    [sent] = trials.send_trial(campaign=campaign, by=None, phone="(11) 98765-4321")
    assert (sent.address, sent.content["body"]) == (
        "+5511987654321",
        "Olá Ana, temos uma oferta.",
    )
    assert Contact.objects.count() == 1


def test_it_needs_no_opt_in_but_respects_the_gate(campaign: Campaign) -> None:
    nobody = a_contact(phone="", email="sem@example.com")
    with pytest.raises(Conflict) as caught:
        trials.send_trial(campaign=campaign, by=None, contacts=[nobody])
    assert caught.value.code == "address_missing"
    assert not Message.objects.exists()


def test_the_chosen_variant_is_sent(company: Company) -> None:
    number = a_connection()
    templates = [
        a_template(number),
        a_template(number, components=[{"type": "BODY", "text": "Oi {{nome}}!"}]),
    ]
    variables = {"nome": {"value": "gente"}}
    variants = [{"template": str(one.pk), "variables": variables} for one in templates]
    campaign = a_campaign(templates[0], variants=variants)
    person = a_contact()
    [sent] = trials.send_trial(campaign=campaign, by=None, contacts=[person], variant="B")
    assert sent.content["body"] == "Oi gente!"


def test_the_headers_file_goes_along(company: Company) -> None:
    template = a_template(
        a_connection(),
        components=[{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Olá"}],
        variables=[{"name": "header_image", "example": "", "where": "header", "type": "image"}],
    )
    file = Media.objects.create(kind="image", state=MediaState.READY)
    campaign = a_campaign(template, media=file, variables={})
    [sent] = trials.send_trial(campaign=campaign, by=None, contacts=[a_contact()])
    assert sent.media == file


@pytest.mark.parametrize("phone", ["", "123"])
def test_somebody_must_be_named(campaign: Campaign, phone: str) -> None:
    with pytest.raises(Invalid):
        trials.send_trial(campaign=campaign, by=None, phone=phone)


def test_an_incomplete_message_is_not_tried(company: Company) -> None:
    campaign = a_campaign(template=None, connection=None, variables={})
    with pytest.raises(Invalid) as caught:
        trials.send_trial(campaign=campaign, by=None, phone="11987654321")
    assert "template" in caught.value.errors
