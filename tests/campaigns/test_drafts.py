"""What a campaign must hold, step by step; a start names everything that is missing."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from campaigns import drafts
from campaigns.enums import CampaignState, Step
from campaigns.models import Campaign
from campaigns.services import lifecycle
from campaigns.services.campaigns import create_campaign, save_draft, update_campaign
from connections.models import Connection
from core.errors import Conflict, Invalid
from messaging.enums import MediaState
from messaging.models import Media, Template
from tenants.models import Company
from tests.campaigns.factories import a_campaign, a_connection, a_template

FILLED = {"nome": {"value": "gente"}}


def a_name_alone(**fields: Any) -> Campaign:
    return create_campaign(**{"name": "Natal", "by": None, "actor": "system", **fields})


def wrong(campaign: Campaign, **changes: Any) -> list[str]:
    """The fields that a change is refused for."""
    with pytest.raises(Invalid) as caught:
        update_campaign(campaign=campaign, actor="system", **changes)
    return list(caught.value.errors)


def test_a_draft_needs_its_name_alone(company: Company) -> None:
    campaign = a_name_alone()
    assert (campaign.state, campaign.template, campaign.audience) == ("draft", None, {})
    assert {str(step): list(found) for step, found in drafts.problems(campaign).items()} == {
        "audience": ["audience"],
        "message": ["connection", "template"],
    }


def test_a_start_names_the_steps_that_lack_something(company: Company) -> None:
    campaign = a_name_alone(audience={"all": True})
    with pytest.raises(drafts.NotReady) as caught:
        lifecycle.start(campaign_id=campaign.pk, actor="system")
    assert list(caught.value.steps) == [Step.MESSAGE]
    assert Campaign.objects.get().state == CampaignState.DRAFT


def test_a_step_is_saved_when_it_is_complete_whatever_the_others_lack(company: Company) -> None:
    campaign = a_name_alone()
    save_draft(
        campaign=campaign,
        step=Step.AUDIENCE,
        actor="system",
        name="Ano novo",
        audience={"all": True},
    )
    with pytest.raises(Invalid) as caught:
        save_draft(campaign=campaign, step=Step.MESSAGE, actor="system", connection=a_connection())
    assert list(caught.value.errors) == ["template"]
    kept = Campaign.objects.get()
    assert (kept.name, kept.connection) == ("Ano novo", None)


def test_an_unknown_field_is_a_mistake_of_ours(company: Company) -> None:
    with pytest.raises(TypeError):
        a_name_alone(colour="red")


@pytest.mark.parametrize(
    "changes",
    [
        {"window": {"days": [], "from": "09:00", "to": "20:00"}},
        {"window": {"days": [7], "from": "09:00", "to": "20:00"}},
        {"window": {"days": [1], "from": "20:00", "to": "09:00"}},
        {"window": {"days": [1], "from": "nine", "to": "20:00"}},
        {"rate_per_minute": 0},
        {"holdout_percent": 60},
        {"budget": Decimal(0)},
        {"winner_rule": {"metric": "read", "sample_percent": 20, "after_minutes": 60}},
        {"variants": [{}]},
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_at_its_field(
    company: Company, changes: dict[str, Any]
) -> None:
    assert wrong(a_campaign(), **changes)[0].partition(".")[0] == next(iter(changes))


def test_reading_chooses_no_winner_where_nobody_tells_of_it(company: Company) -> None:
    template = a_template(a_connection())
    variables = {"nome": {"value": "gente"}}
    variants = [{"template": str(template.pk), "variables": variables} for _ in "AB"]
    campaign = a_campaign(template, variants=variants)
    rule = {"metric": "read", "sample_percent": 20, "after_minutes": 60}
    changed = update_campaign(campaign=campaign, actor="system", winner_rule=rule)
    assert changed.winner_rule == rule
    Connection.objects.update(provider="twilio_sms")
    assert wrong(changed, winner_rule=rule) == ["winner_rule"]


def test_a_window_may_end_at_midnight(company: Company) -> None:
    window = {"days": [5, 1, 1], "from": "09:00", "to": "00:00"}
    changed = update_campaign(campaign=a_campaign(), actor="system", window=window)
    assert changed.window == {"days": [1, 5], "from": "09:00", "to": "00:00"}
    changed.stream.refresh_from_db()
    assert changed.stream.rules == {"window": changed.window, "local_time": False}


def test_a_budget_has_a_currency(company: Company) -> None:
    campaign = a_campaign()
    assert wrong(campaign, budget=Decimal(10), currency="") == ["currency"]
    changed = update_campaign(campaign=campaign, actor="system", budget=Decimal(10), currency="brl")
    assert (changed.currency, changed.budget) == ("BRL", Decimal(10))


def test_an_end_before_the_start_is_refused(company: Company) -> None:
    soon = timezone.now() + timedelta(hours=2)
    campaign = a_campaign(scheduled_at=soon)
    assert wrong(campaign, expires_at=soon - timedelta(hours=1)) == ["expires_at"]


def test_several_numbers_are_of_one_account(company: Company) -> None:
    template = a_template(a_connection())
    campaign = a_campaign(template)
    sister = a_connection(account_id=template.account_id)
    changed = update_campaign(campaign=campaign, actor="system", connections=[sister])
    assert set(changed.connections.all()) == {template.connection, sister}
    assert wrong(campaign, connections=[a_connection()]) == ["connections"]


class TestVariants:
    @pytest.fixture
    def templates(self, company: Company) -> list[Template]:
        number = a_connection()
        return [a_template(number), a_template(number)]

    def two(self, templates: list[Template], **more: Any) -> list[dict[str, Any]]:
        return [
            {"template": str(one.pk), "variables": FILLED, "weight": 50, **more}
            for one in templates
        ]

    def test_they_get_letters_and_the_first_is_the_campaigns_own(
        self, templates: list[Template]
    ) -> None:
        campaign = a_campaign(templates[1], variants=self.two(templates))
        assert [one["key"] for one in campaign.variants] == ["A", "B"]
        assert (campaign.template, campaign.variables) == (templates[0], FILLED)

    def test_a_fault_is_named_with_its_variant(self, templates: list[Template]) -> None:
        found = self.two(templates)
        found[1]["variables"] = {}
        assert wrong(a_campaign(templates[0]), variants=found) == ["variants.B.variables.nome"]

    def test_a_template_of_another_account_is_refused(self, templates: list[Template]) -> None:
        strange = a_template(a_connection())
        found = self.two([templates[0], strange])
        assert wrong(a_campaign(templates[0]), variants=found) == ["variants.B"]


class TestFiles:
    @pytest.fixture
    def pictured(self, company: Company) -> Template:
        return a_template(
            a_connection(),
            components=[
                {"type": "HEADER", "format": "IMAGE"},
                {"type": "BODY", "text": "Olá {{nome}}"},
            ],
            variables=[
                {"name": "header_image", "example": "", "where": "header", "type": "image"},
                {"name": "nome", "example": "Ana", "fallback": "", "where": "body"},
            ],
        )

    def test_a_file_stands_in_for_the_headers_link(self, pictured: Template) -> None:
        file = Media.objects.create(kind="image", state=MediaState.READY)
        campaign = a_campaign(pictured, media=file, variables=FILLED)
        assert drafts.problems(campaign) == {}

    @pytest.mark.parametrize("fields", [{"kind": "video"}, {"kind": "image", "state": "pending"}])
    def test_it_must_be_of_the_headers_type_and_there(
        self, pictured: Template, fields: dict[str, str]
    ) -> None:
        file = Media.objects.create(**fields)
        assert wrong(
            a_campaign(
                pictured,
                variables=FILLED | {"header_image": {"value": "https://example.com/a.png"}},
            ),
            media=file,
        ) == ["media"]


class TestWhilePaused:
    @pytest.fixture
    def paused(self, company: Company) -> Campaign:
        campaign = a_campaign()
        Campaign.objects.filter(pk=campaign.pk).update(state=CampaignState.PAUSED)
        return campaign

    def test_content_and_pace_may_change_and_the_content_is_a_new_version(
        self, paused: Campaign
    ) -> None:
        changed = update_campaign(
            campaign=paused, actor="system", variables=FILLED, rate_per_minute=30
        )
        changed.stream.refresh_from_db()
        assert (changed.state, changed.content_version) == (CampaignState.PAUSED, 2)
        assert (changed.stream.content_version, changed.stream.rate_per_minute) == (2, 30)

    @pytest.mark.parametrize("field", ["audience", "connection", "holdout_percent"])
    def test_who_gets_it_is_settled(self, paused: Campaign, field: str) -> None:
        value: dict[str, Any] = {
            "audience": {"all": True},
            "connection": Connection.objects.get(),
            "holdout_percent": 5,
        }
        with pytest.raises(Conflict):
            update_campaign(campaign=paused, actor="system", **{field: value[field]})
