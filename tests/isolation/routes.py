"""Every route of the product, with the object of a world that fills its parameters.

The tables are keyed by route name. A route with parameters that they do not know, a page without
a named permission or a platform route without a class fails `test_routes`: whoever adds a route
says here what it is about.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from django.conf import settings
from django.urls import URLPattern, URLResolver

from core import ids
from tenants.links import company_path, platform_path
from tests.isolation.world import World

# Pages of a company: the thing of the world that the route's parameter names, by the beginning of
# the route's name; the longest one counts.
PAGES = {
    "contact": "contact",
    "contact-unmerge": "merge",
    "duplicate": "duplicate",
    "erasure": "erasure",
    "contacts-export": "contacts_export",
    "contact-view": "contact_view",
    "contact-bulk": "contact_bulk",
    "tag": "tag",
    "field": "field",
    "list": "list",
    "import": "import",
    "segment": "segment",
    "suppression": "suppression",
    "connection": "connection",
    "template": "template",
    "campaign": "campaign",
    "campaign-story": "message",
    "campaign-export": "export",
    "conversation": "conversation",
    "conversation-start": "contact",
    "inbox-view": "saved_view",
    "label": "label",
    "canned-reply": "canned",
    "media": "media",
    "message": "message",
    "member": "member",
    "team": "team",
    "invitation": "invitation",
    "api-key": "api_key",
    "notification": "notification",
    "event": "event",
    "replay": "replay",
    "webhook-item": "item",
    "integration": "integration",
    "integration-push": "push",
    "endpoint": "endpoint",
    "endpoint-delivery": "dispatch",
    "connection-pulse": "connection",
    "automation": "automation",
    "automation-run": "automation_run",
    "automation-dry-run": "dry_run",
    "source": "source",
    "source-post": "received_post",
}
# Resources of the API: the thing and the prefix of its public id, by the beginning of the name.
RESOURCES: dict[str, tuple[str, str]] = {
    "api-contact": ("contact", "con"),
    "api-contacts-export": ("contacts_export", "cex"),
    "api-contacts-bulk": ("contact_bulk", "blk"),
    "api-merge": ("merge", "mrg"),
    "api-duplicate": ("duplicate", "dup"),
    "api-erasure": ("erasure", "era"),
    "api-tag": ("tag", "tag"),
    "api-event": ("event_id", "evt"),
    "api-replay": ("replay", "rpl"),
    "api-list": ("list", "lst"),
    "api-field": ("field", "fld"),
    "api-import": ("import", "imp"),
    "api-segment": ("segment", "seg"),
    "api-suppression": ("suppression", "sup"),
    "api-member": ("member", "mem"),
    "api-team": ("team", "tea"),
    "api-connection": ("connection", "cnx"),
    "api-template": ("template", "tpl"),
    "api-campaign": ("campaign", "cmp"),
    "api-export": ("export", "exp"),
    "api-conversation": ("conversation", "cnv"),
    "api-label": ("label", "lbl"),
    "api-canned-reply": ("canned", "can"),
    "api-message": ("message", "msg"),
    "api-scheduled-message": ("scheduled", "sch"),
    "api-media": ("media", "med"),
    "api-saved-view": ("saved_view", "vie"),
    "api-endpoint": ("endpoint", "end"),
    "api-delivery": ("dispatch", "dlv"),
    "api-hook": ("endpoint", "end"),
    "api-integration": ("integration", "int"),
    "api-automation": ("automation", "aut"),
    "api-automation-run": ("automation_run", "run"),
    "api-dry-run": ("dry_run", "dry"),
    "api-source": ("source", "src"),
    "api-received-post": ("received_post", "rcv"),
}
# Routes of the platform without parameters, or with one of their own, by who may open them.
ANYBODY = {
    "health",
    "health-alias",
    "health-ready",
    "metrics",  # private addresses alone: core.health
    "language",
    "invitation",
    "tracked-link",
    "webhook-meta",
    "webhook-meta-token",
    "webhook-twilio",
    "webhook-source",
    "api-schema",
    "api-docs",
    "api-redoc",
    "api-token",
    "api-token-refresh",
}
SIGNED_IN = {"companies", "company-new", "invitation-accept", "integration-callback"}
SUPERADMIN = {"ui:gallery"}
API_OPEN = {"api-schema", "api-docs", "api-redoc", "api-token", "api-token-refresh"}
# The beginnings of names that packages bring by the dozen.
PACKAGES = {"account_": "allauth", "socialaccount_": "allauth", "google_": "allauth"}


@dataclass(frozen=True)
class Route:
    """A route as the tests walk it."""

    name: str
    path: str
    view: Any = field(compare=False)
    parameters: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name or self.path

    @property
    def api_view(self) -> Any:
        """REST framework's class behind the route, or None."""
        return getattr(self.view, "cls", None)

    def permission(self, method: str) -> str:
        """What a page asks for with this method."""
        read = method in ("GET", "HEAD")
        return str(getattr(self.view, "permission" if read else "write_permission"))

    def api_permission(self, method: str) -> str:
        """What an API view asks for with this method."""
        action = getattr(self.view, "actions", {}).get(method.lower(), method.lower())
        return str(self.api_view.permissions[action])

    @property
    def api_methods(self) -> list[str]:
        """The methods that an API view answers."""
        actions = getattr(self.view, "actions", None)
        offered = actions or [name for name in METHODS if hasattr(self.api_view, name.lower())]
        return [name for name in METHODS if name.lower() in offered or name in offered]

    def url(self, world: World, of: World | None = None) -> str:
        """Its address in a company (or of a key), with the ids of that company or of another."""
        of = of or world
        if self.is_api:
            return platform_path(self.name, **self._public_ids(of))
        return company_path(world.company, self.name, **self._ids(of))

    @property
    def is_api(self) -> bool:
        return self.path.startswith("api/v1/")

    def _ids(self, world: World) -> dict[str, Any]:
        if not self.parameters:
            return {}
        [parameter] = self.parameters
        return {parameter: world.things[thing_of_page(self.name)].pk}

    def _public_ids(self, world: World) -> dict[str, str]:
        if not self.parameters:
            return {}
        [parameter] = self.parameters
        thing, prefix = resource_of(self.name)
        return {parameter: ids.encode(prefix, world.things[thing].pk)}


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def thing_of_page(name: str) -> str:
    """The thing in the world that a page is about; KeyError when the table does not know it."""
    return PAGES[_beginning(name, PAGES)]


def resource_of(name: str) -> tuple[str, str]:
    """The thing and its prefix behind an API route; KeyError when the table does not know it."""
    return RESOURCES[_beginning(name, RESOURCES)]


def _beginning(name: str, table: Iterable[str]) -> str:
    fitting = [key for key in table if name == key or name.startswith(f"{key}-")]
    if not fitting:
        raise KeyError(name)
    return max(fitting, key=len)


def all_routes(urlconf: str) -> list[Route]:
    """Every route of a urlconf, in its order."""
    return list(_walk(import_module(urlconf).urlpatterns, "", "", ()))


def pages() -> list[Route]:
    return all_routes(settings.COMPANY_URLCONF)


def api() -> list[Route]:
    """The API's endpoints that ask who is calling."""
    return [
        route
        for route in all_routes(settings.ROOT_URLCONF)
        if route.path.startswith("api/") and route.name not in API_OPEN
    ]


def admin() -> list[Route]:
    return [r for r in all_routes(settings.ROOT_URLCONF) if r.path.startswith("admin/")]


def platform() -> list[Route]:
    """What is left of the platform: neither API (but its open part) nor admin."""
    taken = {route.path for route in (*api(), *admin())}
    return [r for r in all_routes(settings.ROOT_URLCONF) if r.path not in taken]


def is_known(route: Route, find: Callable[[str], Any]) -> bool:
    """Whether the tables can fill the route's parameters."""
    if not route.parameters:
        return True
    try:
        find(route.name)
    except KeyError:
        return False
    return len(route.parameters) == 1


def _walk(
    patterns: list[Any], prefix: str, namespace: str, taken: tuple[str, ...]
) -> Iterator[Route]:
    for item in patterns:
        path = prefix + str(item.pattern).lstrip("^").rstrip("$")
        parameters = (*taken, *item.pattern.regex.groupindex)
        if isinstance(item, URLResolver):
            inner = f"{namespace}{item.namespace}:" if item.namespace else namespace
            yield from _walk(item.url_patterns, path, inner, parameters)
        elif isinstance(item, URLPattern):
            yield Route(f"{namespace}{item.name or ''}", path, item.callback, parameters)
