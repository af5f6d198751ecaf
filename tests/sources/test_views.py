"""The pages: an address is made, a sample is mapped, a post is looked at."""

from collections.abc import Callable

import pytest
from django.test import Client

from core import scope
from tenants.enums import Role
from tenants.links import company_path
from tenants.models import Company
from tests.sources import posting
from webhooks.sources.models import Received, Source


@pytest.fixture
def client(aurora: Company, client_for: Callable[..., Client]) -> Client:
    return client_for(aurora)


def inside(company: Company) -> Source:
    with scope.opened(company), scope.surroundings(company):
        return posting.a_source("custom")


def arrived(company: Company, source: Source, body: bytes) -> Received:
    with scope.opened(company), scope.surroundings(company):
        posting.arrives(source, body, at=source.created_at)
        return Received.objects.order_by("-pk")[0]


def test_a_source_is_made_and_its_secret_shown_once(aurora: Company, client: Client) -> None:
    new = company_path(aurora, "source-new")
    assert b"preset-kiwify" in client.get(new).content
    form = {"name": "Loja", "scheme": "header", "setting_header_name": "X-Secret"}
    answer = client.post(f"{new}?preset=custom", form)
    first, again = client.get(answer["Location"]), client.get(answer["Location"])
    assert b"/webhooks/in/" in first.content
    assert b'data-testid="new-secret"' in first.content
    assert b'data-testid="new-secret"' not in again.content


def test_another_page_takes_the_new_secret_from_nobody(aurora: Company, client: Client) -> None:
    other = company_path(aurora, "source", source_id=inside(aurora).pk)
    form = {"name": "Loja", "scheme": "header", "setting_header_name": "X-Secret"}
    made = client.post(f"{company_path(aurora, 'source-new')}?preset=custom", form)["Location"]
    assert b'data-testid="new-secret"' not in client.get(other).content
    client.get(made, headers={"HX-Request": "true"})
    assert b'data-testid="new-secret"' in client.get(made).content


def test_what_is_missing_is_said_beside_its_field(aurora: Company, client: Client) -> None:
    answer = client.post(f"{company_path(aurora, 'source-new')}?preset=kiwify", {"name": "K"})
    assert answer.status_code == 422


def test_a_sample_is_pasted_mapped_tried_and_kept(aurora: Company, client: Client) -> None:
    source = inside(aurora)
    page = company_path(aurora, "source-mapping", source_id=source.pk)
    assert b'data-testid="paste"' in client.get(page).content
    client.post(f"{page}sample/", {"sample": '{"mail": "ana@example.com", "o": "x"}'})
    assert b'data-testid="leaf-mail"' in client.get(page).content
    chosen = {"field.email": "mail", "always": "lead.created"}
    assert b"Lead created" in client.post(f"{page}try/", chosen).content
    assert client.post(page, chosen).status_code == 302
    with scope.opened(aurora):
        source.refresh_from_db()
    assert source.mapping["fields"] == {"email": "mail"}


def test_a_post_shows_what_was_done_and_gives_its_bytes(aurora: Company, client: Client) -> None:
    source = inside(aurora)
    post = arrived(aurora, source, b"<b>\x00\xff</b>")
    page = company_path(aurora, "source-post", received_id=post.pk)
    shown = client.get(page).content
    assert b"&lt;b&gt;" in shown
    raw = client.get(f"{page}raw/")
    assert raw.content == b"<b>\x00\xff</b>"
    assert raw["Content-Type"] == "application/octet-stream"
    assert client.post(f"{page}process/").status_code == 302


def test_the_mapper_opens_on_the_newest_post_that_says_anything(
    aurora: Company, client: Client
) -> None:
    source = inside(aurora)
    useful = arrived(aurora, source, b'{"mail": "ana@example.com"}')
    arrived(aurora, source, b'""')
    arrived(aurora, source, b'{"isto": ""}')
    page = client.get(company_path(aurora, "source-mapping", source_id=source.pk))
    assert page.context["sample"].pk == useful.pk


def test_a_pasted_sample_cannot_be_processed(aurora: Company, client: Client) -> None:
    source = inside(aurora)
    sample = f"{company_path(aurora, 'source-mapping', source_id=source.pk)}sample/"
    client.post(sample, {"sample": '{"mail": "ana@example.com"}'})
    with scope.opened(aurora):
        post = Received.objects.get()
    page = company_path(aurora, "source-post", received_id=post.pk)
    assert b'data-testid="process-again"' not in client.get(page).content


def test_a_source_is_switched_off_and_deleted(aurora: Company, client: Client) -> None:
    source = inside(aurora)
    page = company_path(aurora, "source", source_id=source.pk)
    client.post(f"{page}switch/", {"to": "inactive"})
    client.post(f"{page}settings/", {"name": "Nova", "tag_names": "a, b"})
    with scope.opened(aurora):
        source.refresh_from_db()
    assert (source.state, source.name, source.tags) == ("inactive", "Nova", ["a", "b"])
    client.post(f"{page}delete/")
    assert client.get(page).status_code == 404


def test_who_may_not_sees_nothing(aurora: Company, client_for: Callable[..., Client]) -> None:
    agent = client_for(aurora, Role.AGENT)
    assert agent.get(company_path(aurora, "source-list")).status_code == 403
