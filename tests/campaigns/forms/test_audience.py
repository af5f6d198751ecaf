"""The step "audience": what is chosen, and how a stored audience is shown again."""

from typing import Any

import pytest
from django.http import QueryDict

from campaigns.forms import audience as forms
from campaigns.models import Campaign
from crm.services.tags import create_tag
from tenants.models import Company
from tests.campaigns.factories import a_campaign

NAMED_ANA = {"kind": "name", "op": "is", "value": "Ana"}
SERVED = {"kind": "in_service", "op": "is"}


def chosen(query: str) -> dict[str, Any]:
    return forms.AudienceForm(QueryDict(query), campaign=None).audience


def shown_again(audience: dict[str, Any]) -> dict[str, Any]:
    return forms.initial_of(Campaign(name="Black Friday", audience=audience))


def test_the_simple_case_stays_simple(company: Company) -> None:
    assert chosen("kind=all") == {"all": True}
    assert chosen("kind=tags&tags=1&tags=2") == {"tags": ["1", "2"]}
    assert chosen("kind=segment&segment=3") == {"segment": "3"}
    assert chosen("kind=import&source=4") == {"import": "4"}


def test_whoever_is_left_out_makes_it_rules(company: Company) -> None:
    assert chosen("kind=tags&tags=1&without_tags=2&without_service=on") == {
        "join": "all",
        "include": [{"kind": "tag", "op": "any_of", "value": ["1"]}],
        "exclude": [{"kind": "tag", "op": "any_of", "value": ["2"]}, SERVED],
    }


def test_rules_are_the_builders(company: Company) -> None:
    query = "kind=rules&include-a-kind=name&include-a-op=contains&include-a-value=an&without_tags=1"
    assert chosen(query) == {
        "join": "all",
        "include": [{"kind": "name", "op": "contains", "value": "an"}],
        "exclude": [],
    }


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        ({"all": True}, {"kind": "all"}),
        ({"tags": ["1"]}, {"kind": "tags", "tags": ["1"]}),
        ({"segment": "3"}, {"kind": "segment", "segment": "3"}),
        ({"import": "4"}, {"kind": "import", "source": "4"}),
        (
            {"join": "all", "include": [], "exclude": [SERVED]},
            {"kind": "all", "without_service": True},
        ),
        (
            {"join": "all", "include": [NAMED_ANA], "exclude": []},
            {"kind": "rules"},
        ),
        ({"join": "all", "include": [], "exclude": [{"kind": "email", "op": "empty"}]},
         {"kind": "rules"}),
    ],
)  # fmt: skip
def test_what_is_stored_is_shown_by_the_simplest_choice_that_says_it(
    audience: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert shown_again(audience) == {"name": "Black Friday", **expected}


def test_a_round_trip_changes_nothing(company: Company) -> None:
    tag, other = create_tag(name="VIP"), create_tag(name="Frio")
    campaign = a_campaign(
        audience={
            "join": "all",
            "include": [{"kind": "tag", "op": "any_of", "value": [str(tag.pk)]}],
            "exclude": [{"kind": "tag", "op": "any_of", "value": [str(other.pk)]}],
        }
    )
    form = forms.AudienceForm(campaign=campaign, initial=forms.initial_of(campaign))
    assert form.audience == campaign.audience
