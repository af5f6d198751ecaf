"""Stored files: seen by their company's people through a page that asks for rights, else never."""

from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.test import Client
from rest_framework.test import APIClient

from core import files, ids, scope
from crm.models import Import
from messaging.models import Media
from tenants.enums import Role
from tenants.links import platform_path
from tests.isolation.checks import body_of, leaks
from tests.isolation.conftest import SignIn, Worlds
from tests.isolation.routes import company_path
from tests.isolation.world import PNG, World

TRAVERSALS = (
    "../{key}",
    "..%2f{key}",
    "%2e%2e/%2e%2e/etc/passwd",
    "....//....//etc/passwd",
    "/{key}",
    "{key}%00.png",
    "..\\..\\etc\\passwd",
)


def stored_keys(world: World) -> list[str]:
    """The keys of all files of a company."""
    with scope.opened(world.company):
        keys = [*Media.objects.values_list("key", flat=True)]
        return [*keys, *Import.objects.values_list("file_key", flat=True)]


def test_every_stored_file_lies_in_its_companys_folder(worlds: Worlds) -> None:
    for world in worlds:
        assert {key.split("/")[0] for key in stored_keys(world)} == {str(world.company.pk)}


def test_members_see_the_file_and_nobody_else_does(worlds: Worlds, as_person: SignIn) -> None:
    media = worlds.boreal.things["media"]
    url = company_path(worlds.boreal.company, "media", id=media.pk)
    member = as_person(worlds.boreal.people[Role.VIEWER]).get(url)
    assert (member.status_code, b"".join(member.streaming_content)) == (200, PNG)
    assert as_person(worlds.aurora.people[Role.OWNER]).get(url).status_code == 404
    assert as_person(worlds.boreal.people["former"]).get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_another_companys_file_is_unknown_below_the_own_address(
    worlds: Worlds, as_person: SignIn
) -> None:
    foreign = worlds.boreal.things["media"].pk
    url = company_path(worlds.aurora.company, "media", id=foreign)
    response = as_person(worlds.aurora.people[Role.OWNER]).get(url)
    assert response.status_code == 404
    assert PNG.hex() not in body_of(response).encode().hex()


def test_no_address_serves_files_by_their_key(worlds: Worlds, as_person: SignIn) -> None:
    """Not even to their own people: a key is no right."""
    client = as_person(worlds.boreal.people[Role.OWNER])
    for key in stored_keys(worlds.boreal):
        prefixes = ("/media/", "/static/", settings.MEDIA_URL, "/", "/c/boreal/inbox/media/")
        statuses = {client.get(f"{prefix}{key}").status_code for prefix in prefixes if prefix}
        assert statuses == {404}


@pytest.mark.parametrize("pattern", TRAVERSALS)
def test_a_path_leads_nowhere_outside(worlds: Worlds, as_person: SignIn, pattern: str) -> None:
    client = as_person(worlds.aurora.people[Role.OWNER])
    for key in stored_keys(worlds.boreal):
        for base in ("/c/aurora/inbox/media/", "/c/aurora/contacts/imports/", "/static/"):
            response = client.get(base + pattern.format(key=quote(key)))
            assert response.status_code in (400, 404)
            assert leaks(response, worlds.boreal) == []


@pytest.mark.parametrize("key", ["../secret", "/etc/passwd", "a/../../b"])
def test_the_storage_itself_refuses_keys_that_climb(worlds: Worlds, key: str) -> None:
    with pytest.raises(SuspiciousFileOperation):
        files.open(key)
    with pytest.raises(SuspiciousFileOperation):
        default_storage.exists(key)


def test_the_api_sends_only_files_of_the_keys_company(worlds: Worlds) -> None:
    """An attachment of another company is as unknown as one that never was."""
    key = worlds.aurora.secrets["api_key"]
    client = APIClient(headers={"Authorization": f"Api-Key {key}"})
    conversation = ids.encode("cnv", worlds.aurora.things["conversation"].pk)
    url = platform_path("api-conversation-messages", id=conversation)
    foreign = ids.encode("med", worlds.boreal.things["media"].pk)
    unknown = ids.encode("med", worlds.boreal.things["contact"].pk)
    answers = [client.post(url, {"media": each}, format="json") for each in (foreign, unknown)]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].json()["errors"] == answers[1].json()["errors"]
