"""Creating, changing, switching and deleting sources."""

import pytest

from core.errors import Invalid
from tenants.models import Company, Route
from tests.sources import posting
from webhooks.sources import verification
from webhooks.sources.enums import Scheme, SourceState
from webhooks.sources.services import routes, sources


def test_a_source_has_an_address_in_the_registry(company: Company) -> None:
    source = posting.a_source("kiwify", secret=" token ")
    route = Route.objects.get(external_id=source.token)
    assert (route.provider, route.company_id, route.connection_id) == (
        "source",
        company.pk,
        source.pk,
    )
    assert (route.secret, source.has_secret) == ("token", True)
    assert route.settings["scheme"] == Scheme.HMAC
    assert "token" not in str(route.settings)


def test_a_secret_of_ours_is_made_and_shown_once(company: Company) -> None:
    made = sources.create_source(name="A", preset_slug="custom", scheme=Scheme.STANDARD)
    assert verification.is_standard_secret(made.secret)
    assert routes.secret_of(made.source) == made.secret
    given = sources.create_source(
        name="B", preset_slug="custom", scheme=Scheme.HEADER, secret="mine"
    )
    assert given.secret == ""


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "  "}, "name"),
        ({"preset_slug": "nothing"}, "preset"),
        ({"preset_slug": "kiwify"}, "secret"),
        ({"scheme": "magic"}, "scheme"),
        ({"scheme": "rsa"}, "scheme"),
        ({"scheme": "hmac", "settings": {"algorithm": "md5"}}, "algorithm"),
        ({"scheme": "hmac", "settings": {"template": "{timestamp}"}}, "template"),
        ({"scheme": "hmac", "settings": {"timestamp_header": "X-Time"}}, "template"),
        ({"scheme": "header", "settings": {"header": "X Y"}}, "header"),
        ({"scheme": "standard", "secret": "plain"}, "secret"),
        ({"scheme": "header", "secret": "x" * 501}, "secret"),
    ],
)
def test_what_does_not_fit_is_said_by_its_field(
    company: Company, fields: dict[str, object], field: str
) -> None:
    wanted = {"name": "Loja", "preset_slug": "custom", **fields}
    with pytest.raises(Invalid) as refused:
        sources.create_source(**wanted)  # type: ignore[arg-type]
    assert field in refused.value.errors
    assert not Route.objects.filter(provider="source").exists()


def test_only_what_is_named_changes(company: Company) -> None:
    source = posting.a_source()
    changed = sources.update_source(
        source=source, changes={"name": "Nova", "tags": [" a ", "a", ""], "gives_opt_in": True}
    )
    assert (changed.name, changed.tags, changed.gives_opt_in) == ("Nova", ["a"], True)
    assert changed.creates_contacts
    with pytest.raises(Invalid):
        sources.update_source(source=source, changes={"mapping": {"fields": {"phone": "a["}}})


def test_a_presets_way_of_proving_itself_stays(company: Company) -> None:
    source = posting.a_source("shopify", secret="s")
    changed = sources.update_source(source=source, changes={"scheme": "none"})
    assert changed.scheme == Scheme.HMAC


def test_a_source_is_switched_off_and_deleted_for_good(company: Company) -> None:
    source = posting.a_source("hotmart", secret="s")
    sources.switch(source=source, is_active=False)
    assert Route.objects.get(external_id=source.token).settings["is_active"] is False
    sources.delete_source(source=source)
    source.refresh_from_db()
    assert source.state == SourceState.INACTIVE
    assert Route.objects.get(external_id=source.token).secret == ""


def test_a_secret_is_replaced(company: Company) -> None:
    source = posting.a_source("asaas")
    first = routes.secret_of(source)
    second = sources.renew_secret(source=source)
    assert second == routes.secret_of(source) != first
    assert sources.renew_secret(source=source, secret="given") == ""
    with pytest.raises(Invalid):
        sources.renew_secret(source=posting.a_source())
