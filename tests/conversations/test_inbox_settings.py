"""How a company works in its inbox: chosen on a page."""

from collections.abc import Callable

import pytest

from conversations.models import InboxSettings
from conversations.services import inbox_settings
from core.errors import Invalid
from core.scope import opened
from events.models import Event
from tenants.enums import Role
from tenants.models import Company
from tests.conversations.conftest import Browser


def test_an_unknown_choice_is_refused(company: Company) -> None:
    with pytest.raises(Invalid) as refused:
        inbox_settings.change(agents_see="nothing", actor="system")
    assert list(refused.value.errors) == ["agents_see"]
    assert not InboxSettings.objects.exists()


def test_what_is_not_given_stays_and_no_change_is_no_fact(company: Company) -> None:
    inbox_settings.change(agents_see="teams", actor="system")
    inbox_settings.change(viewers_see="own", actor="system")
    inbox_settings.change(viewers_see="own", actor="system")
    settings = inbox_settings.stored()
    assert (settings.agents_see, settings.viewers_see) == ("teams", "own")
    facts = Event.objects.filter(type="inbox_settings.changed").order_by("sequence")
    assert [fact.data["changed"] for fact in facts] == [["agents_see"], ["viewers_see"]]


def test_a_manager_chooses_on_a_page(browser_of: Callable[..., Browser], aurora: Company) -> None:
    manager = browser_of(Role.MANAGER)
    assert "Who sees what" in manager.get("inbox-settings").content.decode()
    chosen = {"agents_see": "teams", "viewers_see": "own"}
    assert manager.post("inbox-settings", data=chosen).status_code == 302
    assert manager.post("inbox-settings", data={**chosen, "agents_see": "x"}).status_code == 422
    with opened(aurora):
        assert InboxSettings.objects.filter(**chosen).exists()
