"""No route is forgotten: each is known to the tables that the other tests walk by."""

from tests.isolation import routes


def test_every_company_page_names_its_permission_and_its_object() -> None:
    found = [
        str(route)
        for route in routes.pages()
        if not getattr(route.view, "permission", "")
        or not routes.is_known(route, routes.thing_of_page)
    ]
    assert found == []


def test_every_api_endpoint_names_its_permissions_and_its_object() -> None:
    found = [
        str(route)
        for route in routes.api()
        if not all(route.api_permission(method) for method in route.api_methods)
        or not route.api_methods
        or not routes.is_known(route, routes.resource_of)
    ]
    assert found == []


def test_every_route_of_the_platform_is_classed() -> None:
    classed = routes.ANYBODY | routes.SIGNED_IN | routes.SUPERADMIN
    found = [
        route.path
        for route in routes.platform()
        if route.name not in classed and not route.name.startswith(tuple(routes.PACKAGES))
    ]
    assert found == []


def test_the_tables_name_no_route_that_is_gone() -> None:
    names = {route.name for route in routes.platform()}
    listed = routes.ANYBODY | routes.SIGNED_IN | routes.SUPERADMIN
    assert listed - names == set()
    used = {routes.thing_of_page(route.name) for route in routes.pages() if route.parameters}
    assert set(routes.PAGES.values()) - used == set()
