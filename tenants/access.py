"""How a page says who may open it: `@requires("contacts.edit")` over the view."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.errors import NotAllowed
from tenants.http import MemberRequest
from tenants.permissions import PERMISSIONS, allows
from tenants.services.authors import person_actor

View = Callable[..., HttpResponseBase]


def actor_of(request: HttpRequest) -> str:
    """Who opened the page, as events name them: `person:<id>`."""
    return person_actor(request.user.pk)


def requires(permission: str, *, write: str = "") -> Callable[[View], View]:
    """Let only members through who hold `permission` (and `write` for anything but GET and HEAD).

    The names stay on the view as `permission` and `write_permission`, where the route matrix of
    `tests/isolation` reads them.

    Raises (in the view):
        core.errors.NotAllowed: the member's role does not hold it.
    """
    for name in filter(None, (permission, write)):
        if name not in PERMISSIONS:
            message = f"{name} is not in the permission table"
            raise ValueError(message)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            needed = permission if request.method in ("GET", "HEAD") else write or permission
            if not allows(request.membership.role, needed):
                raise NotAllowed
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        guarded.write_permission = write or permission  # type: ignore[attr-defined]
        return guarded

    return decorate
