"""Every API view names its permissions; what names none is closed."""

from typing import TYPE_CHECKING

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from tenants.api.principal import Principal

if TYPE_CHECKING:  # rest_framework.views reads this module while it is being imported
    from rest_framework.views import APIView


class HasCompanyPermission(BasePermission):
    """Asks the table in tenants.permissions for `view.permissions[action or method]`.

    A view without that entry is closed to everybody: forgetting to name one cannot open it.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        principal = request.user
        if not isinstance(principal, Principal):
            return False
        if request.method not in view.allowed_methods:
            raise MethodNotAllowed(request.method or "")  # 405 says more than "not permitted"
        name = needed(view, request.method or "")
        return name is not None and principal.may(name)


def needed(view: "APIView", method: str) -> str | None:
    """The permission that a view asks for; HEAD and OPTIONS count as GET."""
    method = "GET" if method in ("HEAD", "OPTIONS") else method
    table: dict[str, str] = getattr(view, "permissions", {})
    action = getattr(view, "action", None)
    return table.get(action or "") or table.get(method.lower())
