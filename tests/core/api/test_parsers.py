"""How requests of programs are read."""

from collections.abc import Callable

from rest_framework.test import APIClient

from tenants.models import Company


def test_json_that_is_nested_too_deeply_is_refused(
    aurora: Company, api_client: Callable[..., APIClient]
) -> None:
    answer = api_client(aurora).post(
        "/api/v1/contacts/", data="[" * 100_000, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


def test_a_request_that_is_too_large_is_told_the_limit(
    aurora: Company, api_client: Callable[..., APIClient]
) -> None:
    answer = api_client(aurora).post(
        "/api/v1/contacts/", data=b'"' + b"a" * 5 * 1024**2 + b'"', content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert "4 MB" in answer.json()["detail"]
