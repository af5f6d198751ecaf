"""Links outside templates know both urlconfs, whoever asks."""

from core.scope import surroundings
from tenants.links import company_path, platform_path, platform_url
from tenants.models import Company


def test_platform_links_have_no_company_in_them(company: Company) -> None:
    with surroundings(company):
        assert platform_path("account_login") == "/accounts/login/"
        assert platform_url("companies") == "http://localhost:5000/"


def test_company_links_can_be_made_from_anywhere(aurora: Company) -> None:
    assert company_path(aurora, "members") == "/c/aurora/settings/members/"
