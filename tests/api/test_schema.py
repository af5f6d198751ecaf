"""The API's description: whole, without a doubt of the generator, and with the contract's names."""

from typing import Any

import pytest
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator

METHODS = ("get", "post", "put", "patch", "delete")
# What outside programs rely on: path → methods.
CONTRACT = {
    "/api/v1/auth/token/": {"post"},
    "/api/v1/contacts/": {"get", "post"},
    "/api/v1/contacts/{id}/": {"get", "patch", "delete"},
    "/api/v1/contacts/import/": {"post"},
    "/api/v1/imports/{id}/": {"get"},
    "/api/v1/templates/": {"get"},
    "/api/v1/templates/sync/": {"post"},
    "/api/v1/campaigns/": {"get", "post"},
    "/api/v1/campaigns/{id}/": {"get"},
    "/api/v1/campaigns/{id}/messages/": {"get"},
    "/api/v1/campaigns/{id}/preflight/": {"post"},
    "/api/v1/campaigns/{id}/start/": {"post"},
    "/api/v1/campaigns/{id}/pause/": {"post"},
    "/api/v1/campaigns/{id}/resume/": {"post"},
    "/api/v1/campaigns/{id}/cancel/": {"post"},
    "/api/v1/conversations/": {"get"},
    "/api/v1/conversations/{id}/messages/": {"get", "post"},
}
# Fields of requests and answers that the contract names.
REQUESTS = {
    ("/api/v1/auth/token/", "post"): {"email", "password", "company"},
    ("/api/v1/contacts/", "post"): {"name", "phone", "tags", "opt_in"},
    ("/api/v1/contacts/import/", "post"): {"file", "tags", "opt_in_source", "mapping"},
    ("/api/v1/campaigns/", "post"): {
        "name", "connection", "connections", "template", "variables", "audience", "scheduled_at",
    },
}  # fmt: skip
ANSWERS = {
    ("/api/v1/auth/token/", "post", "200"): {"access", "refresh"},
    ("/api/v1/contacts/import/", "post", "202"): {"id", "state"},
    ("/api/v1/imports/{id}/", "get", "200"): {
        "state", "total", "created", "updated", "rejected", "errors_url",
    },
    ("/api/v1/campaigns/{id}/", "get", "200"): {"state", "counts"},
    ("/api/v1/templates/{id}/", "get", "200"): {
        "id", "name", "language", "category", "status", "variables",
    },
}  # fmt: skip
COUNTS = {
    "total", "queued", "sending", "sent", "delivered", "read", "replied", "failed", "skipped",
    "cancelled", "unknown",
}  # fmt: skip


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    GENERATOR_STATS.reset()
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, offered in document["paths"].items()
        for method, operation in offered.items()
        if method in METHODS
    ]


def properties(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The fields of a schema, whether it stands here or is referred to."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].split("/")[-1]]
    found: dict[str, Any] = schema.get("properties", {})
    return found


def content(part: dict[str, Any]) -> dict[str, Any]:
    [schema] = {str(kind["schema"]): kind["schema"] for kind in part["content"].values()}.values()
    found: dict[str, Any] = schema
    return found


def test_the_generator_has_no_doubt(document: dict[str, Any]) -> None:
    warnings = [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]
    assert warnings == []


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"


def test_every_operation_has_a_summary_and_a_tag(document: dict[str, Any]) -> None:
    found = [
        f"{method} {path}"
        for path, method, operation in operations(document)
        if not operation.get("summary") or not operation.get("tags")
    ]
    assert found == []


def test_every_operation_has_an_id_of_its_own(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))


def test_every_operation_says_what_can_go_wrong(document: dict[str, Any]) -> None:
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    found = [
        f"{method} {path} {status}"
        for path, method, operation in operations(document)
        for status in ("401", "403", "404", "422", "429")
        if operation["responses"][status]["content"].get("application/problem+json") != problem
    ]
    assert found == []


def test_the_contract_is_offered(document: dict[str, Any]) -> None:
    missing = {
        (path, method)
        for path, methods in CONTRACT.items()
        for method in methods
        if method not in document["paths"].get(path, {})
    }
    assert missing == set()


@pytest.mark.parametrize(("path", "method"), REQUESTS)
def test_a_request_takes_the_contracts_fields(
    document: dict[str, Any], path: str, method: str
) -> None:
    body = document["paths"][path][method]["requestBody"]
    [first, *_] = body["content"].values()
    fields = properties(document, first["schema"])
    assert REQUESTS[path, method] - set(fields) == set()


@pytest.mark.parametrize(("path", "method", "status"), ANSWERS)
def test_an_answer_has_the_contracts_fields(
    document: dict[str, Any], path: str, method: str, status: str
) -> None:
    schema = content(document["paths"][path][method]["responses"][status])
    assert ANSWERS[path, method, status] - set(properties(document, schema)) == set()


def test_a_campaigns_counts_have_the_contracts_names(document: dict[str, Any]) -> None:
    answer = content(document["paths"]["/api/v1/campaigns/{id}/"]["get"]["responses"]["200"])
    counts = properties(document, answer)["counts"]
    [reference] = counts.get("allOf", [counts])
    assert set(properties(document, reference)) == COUNTS


def test_lists_are_pages_with_cursors(document: dict[str, Any]) -> None:
    for path in ("/api/v1/contacts/", "/api/v1/templates/", "/api/v1/campaigns/"):
        schema = content(document["paths"][path]["get"]["responses"]["200"])
        assert set(properties(document, schema)) == {"next", "previous", "results"}


@pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/", "/api/redoc/"])
def test_the_description_is_open_to_everybody(db: None, path: str) -> None:
    assert Client().get(path).status_code == 200
