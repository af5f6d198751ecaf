"""How the OpenAPI document names our two ways to sign in (described in core.api.schema)."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

import core.api.schema


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """`Authorization: Api-Key …`"""

    target_class = "tenants.api.authentication.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return core.api.schema.SECURITY[self.name]


class BearerScheme(OpenApiAuthenticationExtension):
    """`Authorization: Bearer …`"""

    target_class = "tenants.api.authentication.TokenAuthentication"
    name = "Bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return core.api.schema.SECURITY[self.name]
