"""A test send: through the same gate, to a few, never counted in the run."""

import pytest

from campaigns.models import Campaign
from campaigns.selectors import counts
from campaigns.services import trials
from core.errors import Conflict, Invalid, TooMany
from crm.enums import Channel, Purpose
from crm.models import Contact
from crm.services.suppressions import suppress
from messaging.enums import DispatchState, MediaState, Origin, TemplateCategory
from messaging.models import Media, Message
from team.models import Member
from tenants.enums import Role
from tenants.models import Company
from tests.campaigns.factories import a_campaign, a_connection, a_template
from tests.campaigns.test_lifecycle import OPT_IN
from tests.conftest import make_member
from tests.crm.factories import a_contact
from tests.messaging.factories import address_of


@pytest.fixture
def campaign(company: Company) -> Campaign:
    return a_campaign()


def test_it_goes_out_at_once_and_belongs_to_no_run(campaign: Campaign) -> None:
    person = a_contact("Bia Souza", opt_in=OPT_IN)
    [sent] = trials.send_trial(campaign=campaign, by=None, contacts=[person])
    sent.refresh_from_db()
    assert (sent.stream, sent.variant, sent.origin) == (None, "test", Origin.CAMPAIGN)
    assert (sent.dispatch, sent.content["body"]) == (
        DispatchState.QUEUED,
        "Olá Bia, temos uma oferta.",
    )
    assert counts(campaign)["total"] == 0


def test_a_contacts_phone_is_enough_and_missing_values_are_shown_by_example(
    company: Company,
) -> None:
    template = a_template(a_connection(), category=TemplateCategory.UTILITY)
    campaign = a_campaign(template, variables={"nome": {"field": "first_name"}})
    person = a_contact(name="", phone="11987654321")
    [sent] = trials.send_trial(campaign=campaign, by=None, phone="(11) 98765-4321")
    assert (sent.contact, sent.content["body"]) == (person, "Olá Ana, temos uma oferta.")


def test_it_respects_the_gate(campaign: Campaign) -> None:
    nobody = a_contact(phone="", email="sem@example.com", opt_in=OPT_IN)
    with pytest.raises(Conflict) as caught:
        trials.send_trial(campaign=campaign, by=None, contacts=[nobody])
    assert caught.value.code == "address_missing"
    assert not Message.objects.exists()


def test_marketing_needs_permission_as_any_other_does(campaign: Campaign) -> None:
    with pytest.raises(Conflict) as caught:
        trials.send_trial(campaign=campaign, by=None, contacts=[a_contact()])
    assert caught.value.code == "no_consent"


def test_who_wants_no_more_gets_no_test_either(campaign: Campaign) -> None:
    person = a_contact(opt_in=OPT_IN)
    suppress(address=address_of(person), channel=Channel.WHATSAPP, purpose=Purpose.MARKETING)
    with pytest.raises(Conflict) as caught:
        trials.send_trial(campaign=campaign, by=None, contacts=[person])
    assert caught.value.code == "suppressed"


def test_a_phone_of_nobody_makes_no_contact_that_campaigns_would_reach(company: Company) -> None:
    campaign = a_campaign(a_template(a_connection(), category=TemplateCategory.UTILITY))
    with pytest.raises(Invalid) as caught:
        trials.send_trial(campaign=campaign, by=None, phone="(11) 98765-4321")
    assert [error.code for error in caught.value.errors["phone"]] == ["contact_unknown"]
    assert not Contact.objects.exists()


def test_a_person_sends_so_many_in_a_day_and_no_more(
    campaign: Campaign, aurora: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "MOST_A_DAY", 2)
    for role in (Role.OWNER, Role.ADMIN):
        make_member(aurora, role)
    ana, bia = Member.objects.all()
    person = a_contact(opt_in=OPT_IN)
    for _ in range(2):
        trials.send_trial(campaign=campaign, by=ana, contacts=[person])
    with pytest.raises(TooMany) as caught:
        trials.send_trial(campaign=campaign, by=ana, contacts=[person])
    assert "2" in caught.value.text
    trials.send_trial(campaign=campaign, by=bia, contacts=[person])
    assert Message.objects.count() == 3


def test_the_chosen_variant_is_sent(company: Company) -> None:
    number = a_connection()
    templates = [
        a_template(number),
        a_template(number, components=[{"type": "BODY", "text": "Oi {{nome}}!"}]),
    ]
    variables = {"nome": {"value": "gente"}}
    variants = [{"template": str(one.pk), "variables": variables} for one in templates]
    campaign = a_campaign(templates[0], variants=variants)
    person = a_contact(opt_in=OPT_IN)
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
    [sent] = trials.send_trial(campaign=campaign, by=None, contacts=[a_contact(opt_in=OPT_IN)])
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
