"""What no page has to think of."""

from collections.abc import Callable

import pytest
from django.test import Client

from core import scope
from tenants.models import Company
from tests.campaigns.factories import a_campaign


@pytest.mark.parametrize(
    "address",
    ["/c/a%00b/", "/c/aurora/campaigns/?q=%00", "/api/v1/campaigns/?q=a%00b", "/?next=%00"],
)
def test_a_nul_in_an_address_is_refused_at_the_door(
    aurora: Company, client_for: Callable[..., Client], address: str
) -> None:
    assert client_for(aurora).get(address).status_code == 400


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/c/aurora/campaigns/?q=a", "http://testserver/c/aurora/campaigns/?q=a"),
        ("https://evil.example/", "/c/aurora/"),
        ("", "/c/aurora/"),
    ],
)
def test_a_refusal_leads_back_to_a_page_of_ours_alone(
    aurora: Company, client_for: Callable[..., Client], referer: str, back: str
) -> None:
    with scope.opened(aurora):
        campaign = a_campaign()
    answer = client_for(aurora).post(
        f"/c/aurora/campaigns/{campaign.pk}/pause/", headers={"referer": referer}
    )
    assert (answer.status_code, answer["Location"]) == (302, back)
