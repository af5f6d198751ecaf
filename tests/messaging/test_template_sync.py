"""Reading an account's templates: all of them, made equal, ours kept."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connections.models import Connection
from connections.services import connections
from core.errors import Unavailable
from core.models import AgendaRow
from events.models import Event
from messaging.models import Template
from messaging.services import template_sync
from messaging.services.templates import create
from messaging.template_drafts import Draft
from sandbox.accounts import DEMO_NUMBERS, DEMO_WABA
from sandbox.testing import Handle
from tenants.models import Company
from tests.connections.factories import connected, control

pytestmark = pytest.mark.django_db


@pytest.fixture
def number(company: Company, sandbox: Handle) -> Connection:
    control(sandbox, "reset", what=["accounts", "settings"])
    return connected()


def named(name: str) -> Template:
    return Template.objects.get(name=name, deleted_at=None)


def test_every_template_with_status_category_and_variables(number: Connection) -> None:
    synced = template_sync.sync(number)
    assert synced.created == synced.total == Template.objects.count() > 10
    assert {row.status for row in Template.objects.all()} == {
        "APPROVED",
        "PAUSED",
        "REJECTED",
        "PENDING",
    }
    assert named("ganhe_dinheiro").reason == "SCAM"
    assert [one["name"] for one in named("black_friday").variables] == ["1"]
    assert named("codigo_acesso").category == "AUTHENTICATION"


def test_several_pages(number: Connection, sandbox: Handle) -> None:
    control(sandbox, "settings", extra_templates=130)
    synced = template_sync.sync(number)
    control(sandbox, "reset", what=["accounts", "settings"])
    assert synced.total == Template.objects.count() > 140


def test_a_second_reading_changes_nothing(number: Connection) -> None:
    template_sync.sync(number)
    synced = template_sync.sync(number)
    assert (synced.created, synced.updated, synced.removed) == (0, 0, 0)


def test_what_vanished_is_removed_and_what_comes_back_lives(
    number: Connection, sandbox: Handle
) -> None:
    control(sandbox, "settings", extra_templates=1)
    template_sync.sync(number)
    control(sandbox, "settings", extra_templates=0)
    assert template_sync.sync(number).removed == 1
    (gone,) = Template.objects.filter(status="REMOVED")
    control(sandbox, "settings", extra_templates=1)
    template_sync.sync(number)
    control(sandbox, "reset", what=["accounts", "settings"])
    gone.refresh_from_db()
    assert gone.status == "APPROVED"


def test_drafts_and_fallbacks_of_ours_stay(number: Connection) -> None:
    template_sync.sync(number)
    row = named("black_friday")
    row.variables[0]["fallback"] = "cliente"
    row.save()
    draft = create(
        connection=number,
        draft=Draft("rascunho", "pt_BR", "UTILITY", "Olá, tudo bem?"),
    )
    template_sync.sync(number)
    draft.refresh_from_db()
    assert draft.status == "DRAFT"
    assert named("black_friday").variables[0]["fallback"] == "cliente"


def test_two_numbers_of_an_account_share_its_templates(number: Connection) -> None:
    template_sync.sync(number)
    before = Template.objects.count()
    second = connected(number_id=DEMO_NUMBERS[1])
    assert template_sync.sync(second).created == 0
    connections.release(number)
    template_sync.sync(second)
    assert set(Template.objects.values_list("connection_id", flat=True)) == {second.pk}
    assert Template.objects.count() == before


def test_a_connected_number_is_read_without_being_asked(number: Connection) -> None:
    rows = AgendaRow.objects.filter(kind=template_sync.SYNC, key=str(number.pk))
    assert rows.count() == 1
    template_sync.sync_due(number.pk)
    assert Template.objects.exists()
    ((key, next_at),) = template_sync.due(None)
    assert (key, next_at > timezone.now() + timedelta(hours=23)) == (str(number.pk), True)
    Template.objects.all().delete()
    template_sync.sync_due(number.pk)  # not due yet: a repeated hint costs nothing
    assert not Template.objects.exists()


def test_the_provider_away_is_asked_again_later(number: Connection, settings: Any) -> None:
    settings.GRAPH_BASE_URL = "http://127.0.0.1:1"
    with pytest.raises(Unavailable):
        template_sync.sync(number)
    ((_, next_at),) = template_sync.due(str(number.pk))
    assert timezone.now() < next_at < timezone.now() + timedelta(minutes=11)
    assert Connection.objects.get().state == "active"


def test_a_refused_token_stops_the_number(number: Connection, sandbox: Handle) -> None:
    control(sandbox, "accounts", waba_id=DEMO_WABA, tokens={"sandbox-token": 1})
    with pytest.raises(Unavailable):
        template_sync.sync(number)
    assert Connection.objects.get().state == "stopped"


def test_it_is_told(number: Connection) -> None:
    template_sync.sync(number)
    event = Event.objects.get(type="templates.synced")
    assert event.data["created"] == Template.objects.count()


class TestFollowed:
    """A reading may be the first to tell what a callback should have told."""

    @staticmethod
    def facts(kind: str) -> list[tuple[str, str]]:
        found = Event.objects.filter(type=kind).order_by("sequence")
        return [(row.data["template_id"], row.data.get("status", "")) for row in found]

    def test_what_is_open_again_lets_its_runs_go_on(self, number: Connection) -> None:
        template_sync.sync(number)
        template = Template.objects.filter(status="APPROVED")[0]
        later = timezone.now() + timedelta(hours=3)
        Template.objects.filter(pk=template.pk).update(status="PAUSED", paused_until=later)
        template_sync.sync(number)
        template.refresh_from_db()
        assert (template.status, template.paused_until) == ("APPROVED", None)
        assert self.facts("template.recovered") == [(str(template.pk), "")]

    @pytest.mark.parametrize("status", ["PAUSED", "REJECTED"])
    def test_what_is_closed_has_its_runs_wait(self, number: Connection, status: str) -> None:
        template_sync.sync(number)
        template = Template.objects.filter(status=status)[0]
        Template.objects.filter(pk=template.pk).update(status="APPROVED")
        template_sync.sync(number)
        template.refresh_from_db()
        assert (template.status, template.paused_until is not None) == (status, status == "PAUSED")
        assert self.facts("template.refused") == [(str(template.pk), status)]

    def test_what_vanished_too(self, number: Connection, sandbox: Handle) -> None:
        control(sandbox, "settings", extra_templates=1)
        template_sync.sync(number)
        control(sandbox, "reset", what=["accounts", "settings"])
        template_sync.sync(number)
        gone = Template.objects.get(status="REMOVED")
        assert self.facts("template.refused") == [(str(gone.pk), "REMOVED")]

    def test_a_first_reading_closes_nothing(self, number: Connection) -> None:
        template_sync.sync(number)
        assert self.facts("template.refused") == []
