"""What the OpenAPI document says about every operation: errors, idempotency, limits, sign-in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension

from core.api.idempotency import HEADER, MAX_CHARACTERS
from core.ids import WIDTH

PROBLEM = {
    "type": "object",
    "description": "RFC 9457.",
    "required": ["type", "title", "status", "detail", "code", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "One sentence in the caller's language."},
        "code": {"type": "string", "description": "Stable, for programs."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {"type": "string", "examples": ["contacts.0.phone"]},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
        "request_id": {"type": ["string", "null"]},
    },
}
RESPONSES = {
    "401": "No or an invalid key or token.",
    "403": "Not permitted.",
    "404": "Unknown here.",
    "409": "In conflict with the present state, or with an Idempotency-Key.",
    "422": "Some fields are not acceptable.",
    "429": "Too many requests; see Retry-After.",
}
SECURITY = {
    "ApiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`Api-Key <key>`; made in the settings of the company.",
    },
    "Bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "From `POST /api/v1/auth/token/`; belongs to one company.",
    },
}
METHODS = ("get", "post", "put", "patch", "delete")


def add_problem_responses(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """drf-spectacular's postprocessing hook."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["securitySchemes"] = SECURITY
    result["security"] = [{name: []} for name in SECURITY]
    for method, operation in _operations(result):
        operation.pop("security", None)  # that of the document holds everywhere
        _add_responses(operation)
        if method == "post":
            operation.setdefault("parameters", []).append(_idempotency_parameter())
    return result


def _operations(result: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in result.get("paths", {}).values():
        for method in METHODS:
            if method in path:
                yield method, path[method]


def _add_responses(operation: dict[str, Any]) -> None:
    responses = operation.setdefault("responses", {})
    for status, description in RESPONSES.items():
        responses.setdefault(
            status,
            {
                "description": description,
                "content": {
                    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
                },
            },
        )


def _idempotency_parameter() -> dict[str, Any]:
    return {
        "name": HEADER,
        "in": "header",
        "required": False,
        "description": "Makes repeating this request safe for 24 hours.",
        "schema": {"type": "string", "maxLength": MAX_CHARACTERS},
    }


class PublicIdExtension(OpenApiSerializerFieldExtension):
    """How a public id looks in the document."""

    target_class = "core.api.fields.PublicIdField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        prefix = self.target.prefix
        return {
            "type": "string",
            "pattern": f"^{prefix}_[0-9A-Za-z]{{{WIDTH}}}$",
            "examples": [f"{prefix}_{'0' * WIDTH}"],
        }
