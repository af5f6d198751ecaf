"""Keys of programs: shown once, kept as a hash, limited to their scopes."""

import pytest
from rest_framework.test import APIClient

from core.errors import Invalid
from tenants.enums import CompanyState
from tenants.models import ApiKey, Company
from tenants.services import api_keys


def get(secret: str, path: str = "/api/v1/me/") -> APIClient:
    return APIClient(headers={"Authorization": f"Api-Key {secret}"}).get(path)


def test_a_key_opens_its_company_as_nobody_in_particular(aurora: Company) -> None:
    key, secret = api_keys.create_api_key(
        company=aurora, name="Shop", scopes=["company.view"], by=None
    )
    me = get(secret).json()
    assert (me["company"]["slug"], me["member"], me["person"], me["role"]) == (
        "aurora",
        None,
        None,
        None,
    )
    assert me["permissions"] == ["company.view"]
    assert me["api_key"] == {"name": "Shop", "prefix": key.prefix}
    assert get(secret, "/api/v1/members/").status_code == 403


def test_only_a_hash_is_kept(aurora: Company) -> None:
    key, secret = api_keys.create_api_key(
        company=aurora, name="Shop", scopes=["company.view"], by=None
    )
    row = str(ApiKey.objects.values().get(pk=key.pk))
    assert secret.removeprefix(key.prefix) not in row
    assert secret.startswith(key.prefix)


def test_wrong_revoked_and_suspended_keys_are_all_refused(aurora: Company) -> None:
    key, secret = api_keys.create_api_key(
        company=aurora, name="Shop", scopes=["company.view"], by=None
    )
    assert get(secret[:-1] + "x").status_code == 401
    Company.objects.filter(pk=aurora.pk).update(state=CompanyState.SUSPENDED)
    assert get(secret).status_code == 401
    Company.objects.filter(pk=aurora.pk).update(state=CompanyState.ACTIVE)
    assert get(secret).status_code == 200
    api_keys.revoke(key=key)
    assert get(secret).status_code == 401


@pytest.mark.parametrize(
    ("name", "scopes", "field"),
    [("", ["company.view"], "name"), ("Shop", [], "scopes"), ("Shop", ["fly"], "scopes")],
)
def test_a_key_needs_a_name_and_real_scopes(
    aurora: Company, name: str, scopes: list[str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        api_keys.create_api_key(company=aurora, name=name, scopes=scopes, by=None)
    assert list(refused.value.errors) == [field]
