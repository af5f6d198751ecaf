"""The platform's own pages and the superadmin's site."""

import re
from typing import Any

import pytest
from django.test import Client

from tenants.enums import Role
from tenants.links import platform_path
from tenants.models import Person
from tests.databases import undone
from tests.isolation import routes
from tests.isolation.checks import Rows, body_of, fingerprint, leaks, unchanged
from tests.isolation.conftest import SignIn, Worlds
from tests.isolation.routes import Route

METHODS = ("GET", "POST")
ADMIN = routes.admin()
# Which thing of the world a page of the admin is about, by the name of its model.
MODELS = {
    "tenants_company": "company",
    "tenants_membership": "membership",
    "tenants_invitation": "invitation",
    "tenants_person": "person",
    "tenants_route": "route",
    "tenants_incidentrollup": "incident",
    "ingress_envelope": "envelope",
    "ingress_parkeditem": "parked",
}
SHOWS_NUMBERS = "admin/connections/"  # how each company's numbers fare, by name
FOREIGN = {"django_celery_beat", "core_agendarow", "rates_rate"}  # hold nothing of a company

each_admin_page = pytest.mark.parametrize("route", ADMIN, ids=lambda route: route.path)


@pytest.fixture(scope="module")
def superadmin(worlds: Worlds) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(Person.objects.create_superuser("root@platform.example", "a-long-password"))
    return client


@pytest.fixture(scope="module")
def untouched(worlds: Worlds, as_person: SignIn, superadmin: Client) -> Rows:
    """The fingerprint of both worlds once the superadmin is there as well."""
    return fingerprint()


def url_of(route: Route, worlds: Worlds) -> str:
    """An admin page with the id of Boreal's thing; 1 where the table is no company's."""
    values: dict[str, Any] = {}
    for parameter in route.parameters:
        values[parameter] = {
            "object_id": object_id(route, worlds),
            "content_type_id": 1,
            "app_label": "tenants",
            "url": "nowhere",
        }[parameter]
    path = f"/{route.path}"
    for parameter, value in values.items():
        for kind in (f"<path:{parameter}>", f"(?P<{parameter}>.*)"):
            path = path.replace(kind, str(value))
    return re.sub(r"\^\(\?P<app_label>[^)]*\)/", "tenants/", path)


def object_id(route: Route, worlds: Worlds) -> Any:
    world = worlds.boreal
    things = {**world.things, "company": world.company, "person": world.people[Role.OWNER]}
    for model, thing in MODELS.items():
        if f"/{model.replace('_', '/', 1)}/" in route.path:
            return things[thing].pk
    return 1


def test_every_model_of_the_admin_is_known() -> None:
    models = {
        "_".join(route.path.split("/")[1:3])
        for route in ADMIN
        if route.path.startswith("admin/") and route.path.endswith("/change/")
    }
    unknown = {
        name for name in models if name not in MODELS and not name.startswith(tuple(FOREIGN))
    }
    assert unknown == set()


@each_admin_page
def test_the_admin_is_not_there_for_the_people_of_companies(
    worlds: Worlds, as_person: SignIn, untouched: Rows, route: Route
) -> None:
    url, person = url_of(route, worlds), as_person(worlds.aurora.people[Role.OWNER])
    for method in METHODS:
        with undone(), unchanged(untouched):
            response = person.generic(method, url)
            assert response.status_code in (302, 403, 404, 405), method
            assert leaks(response, worlds.boreal) == [], method


@each_admin_page
def test_a_stranger_is_sent_from_the_admin_to_sign_in(worlds: Worlds, route: Route) -> None:
    for method in METHODS:
        with undone():
            response = Client().generic(method, url_of(route, worlds))
        assert response.status_code in (302, 405), method
        target = response.headers.get("Location", "/accounts/login/")
        assert target == "/admin/" or target.startswith(("/accounts/login/", "/admin/login/"))
        assert leaks(response, worlds.boreal) == [], method


@each_admin_page
def test_the_superadmin_sees_the_platform_and_nothing_inside_a_company(
    worlds: Worlds, superadmin: Client, route: Route
) -> None:
    with undone():
        response = superadmin.get(url_of(route, worlds))
        assert response.status_code < 500
        assert "Zuleica" not in body_of(response)
        for world in worlds:
            assert world.marker not in leaks(response, world) or route.path == SHOWS_NUMBERS


def test_the_superadmin_is_no_member_of_any_company(worlds: Worlds, superadmin: Client) -> None:
    for world in worlds:
        response = superadmin.get(routes.company_path(world.company, "contacts"))
        assert response.status_code == 404


@pytest.mark.parametrize(
    "name", sorted(routes.SIGNED_IN - {"invitation-accept", "integration-callback"})
)
def test_pages_of_people_ask_for_a_sign_in(worlds: Worlds, name: str) -> None:
    url = platform_path(name)
    response = Client().get(url)
    assert (response.status_code, response.headers["Location"].split("?")[0]) == (
        302,
        "/accounts/login/",
    )


def test_the_list_of_companies_shows_a_person_their_own(worlds: Worlds, as_person: SignIn) -> None:
    response = as_person(worlds.aurora.people[Role.VIEWER]).get("/", follow=True)
    assert leaks(response, worlds.boreal) == []
    assert "/c/boreal/" not in response.content.decode()


@pytest.mark.parametrize("method", METHODS)
def test_an_invitation_is_accepted_by_its_address_alone(
    worlds: Worlds, as_person: SignIn, untouched: Rows, method: str
) -> None:
    """Neither the id nor the link lets somebody else in."""
    outsider = as_person(worlds.aurora.people[Role.OWNER])
    invitation = worlds.boreal.things["invitation"]
    urls = [
        platform_path("invitation-accept", id=invitation.pk),
        platform_path("invitation", token=worlds.boreal.secrets["invitation"]),
    ]
    for url in urls:
        with undone(), unchanged(untouched):
            assert outsider.generic(method, url).status_code < 500


def test_the_gallery_is_the_superadmins(worlds: Worlds, as_person: SignIn) -> None:
    assert as_person(worlds.aurora.people[Role.OWNER]).get("/platform/ui/").status_code == 404


@pytest.mark.parametrize("header", ["HTTP_HOST", "HTTP_X_FORWARDED_HOST"])
@pytest.mark.parametrize(
    "host",
    ["boreal.example", "evil.test", "boreal.testserver", "testserver.evil.test", "TESTSERVER."],
)
def test_a_host_names_no_company(worlds: Worlds, as_person: SignIn, host: str, header: str) -> None:
    client = as_person(worlds.aurora.people[Role.OWNER])
    response = client.get(routes.company_path(worlds.boreal.company, "contacts"), **{header: host})
    assert response.status_code in (400, 404)
    assert leaks(response, worlds.boreal) == []
