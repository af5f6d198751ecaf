"""The list pane: tabs, filters, saved views and search, as people see them."""

from collections.abc import Callable

import pytest

from conversations.models import Conversation, Label, SavedView
from conversations.services import saved_views
from core.scope import opened
from team.models import Member
from tenants.enums import Role
from tenants.models import Company, Person
from tests.conversations.conftest import Browser
from tests.conversations.factories import a_conversation, received

HTMX = {"headers": {"HX-Request": "true"}}
Browsers = Callable[..., Browser]


def me(people: dict[str, Person], role: str = Role.AGENT) -> Member:
    return Member.objects.get(person_id=people[role].pk)


def test_the_tabs_lead_to_their_lists_with_their_numbers(
    agent: Browser, talk: Conversation
) -> None:
    page = agent.get("inbox", query={"who": "nobody"})
    tabs = {str(tab["label"]): tab for tab in page.context["status_tabs"]}
    assert [(name, tab["count"]) for name, tab in tabs.items()] == [
        ("Open", 1), ("Pending", ""), ("Snoozed", ""), ("Resolved", ""),
    ]  # fmt: skip
    assert tabs["Snoozed"]["url"] == "?status=snoozed&who=nobody"
    assert 'hx-trigger="live throttle:1s"' in page.content.decode()
    alone = agent.get("inbox-tabs", query={"who": "nobody"}).content.decode()
    assert alone in page.content.decode()


def test_a_number_beyond_what_is_counted_says_so(
    agent: Browser, talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.listing.COUNTED", 1)
    assert agent.get("inbox").context["status_tabs"][0]["count"] == "0+"


def test_a_conversation_leads_back_to_the_list_it_was_opened_from(
    agent: Browser, talk: Conversation
) -> None:
    query = {"who": "nobody", "q": "ana"}
    [row] = agent.get("inbox", query=query).context["rows"]
    assert row.url.endswith(f"/{talk.pk}/?who=nobody&q=ana")
    page = agent.client.get(row.url).content.decode()
    assert "/inbox/?who=nobody&amp;q=ana" in page
    assert 'value="ana"' in page


def test_filters_stand_as_chips_with_the_way_out(
    aurora: Company, agent: Browser, talk: Conversation
) -> None:
    with opened(aurora):
        label = Label.objects.create(name="VIP", key="vip")
    page = agent.get("inbox", query={"label": label.pk, "unread": "1", "who": "nobody"})
    assert [(chip.text, chip.without) for chip in page.context["chips"]] == [
        ("Unread", f"who=nobody&label={label.pk}"),
        ("VIP", "who=nobody&unread=1"),
    ]
    assert page.context["clear_url"] == "?who=nobody"
    assert "Nothing fits these filters" in page.content.decode()


def test_the_dialog_offers_what_the_company_has(
    aurora: Company, agent: Browser, talk: Conversation
) -> None:
    page = agent.get("inbox-filters", query={"order": "waiting"})
    names = [select["name"] for select in page.context["selects"]]
    assert names == ["channel", "connection", "agent"]  # no labels, no teams
    assert '<option value="waiting" selected>' in page.content.decode()


def test_search_shows_people_then_messages_with_the_find_marked(
    aurora: Company, agent: Browser, talk: Conversation
) -> None:
    with opened(aurora):
        received(talk.thread.connection, "Diga à Ana que a promoção <b> acabou")
    page = agent.get("inbox", query={"q": "ana"}, **HTMX).content.decode()
    assert page.index("People") < page.index("conversation-item") < page.index("found-message")
    marked = agent.get("inbox", query={"q": "promocao"}, **HTMX).content.decode()
    assert "a <mark>promoção</mark> &lt;b&gt; acabou" in marked
    assert "conversation-item" not in marked
    assert "<html" in agent.get("inbox", query={"q": "ana"}).content.decode()


def test_search_goes_on_page_by_page_in_each_of_its_parts(
    aurora: Company, agent: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.search.SIZE", 2)
    monkeypatch.setattr("conversations.search.PEOPLE_SHOWN", 1)
    with opened(aurora):
        connection = a_conversation(content={"text": "ana"}).thread.connection
        for index in range(4):
            phone = f"551198760000{index}"
            a_conversation(connection, phone=phone, profile_name="Ana", content={"text": "ana"})
    first = agent.get("inbox", query={"q": "ana"}, **HTMX)
    assert (len(first.context["rows"]), len(first.context["hits"])) == (1, 2)
    sizes, url = [], first.context["next_url"]
    while url:
        page = agent.client.get(url, **HTMX)
        assert page.context["rows"] == []
        sizes.append(len(page.context["hits"]))
        url = page.context["next_url"]
    assert sizes == [2, 1]
    people = agent.get("inbox", query={"q": "ana", "part": "people"}, **HTMX)
    assert people.context["hits"] == []
    assert len(agent.client.get(people.context["people_url"], **HTMX).context["rows"]) == 2


def test_a_view_is_kept_shown_and_forgotten(aurora: Company, agent: Browser) -> None:
    data = {"name": "  Esperando   há tempo ", "query": "order=waiting&who=mine&evil=1"}
    answer = agent.post("inbox-view-save", data=data, **HTMX)
    assert answer.headers["HX-Redirect"].endswith("/inbox/?who=mine&order=waiting")
    assert "Esperando há tempo" in agent.get("inbox-filters").content.decode()
    with opened(aurora):
        [view] = SavedView.objects.all()
    assert agent.post("inbox-view-delete", view.pk).status_code == 200
    assert "Esperando" not in agent.get("inbox-filters").content.decode()


def test_a_view_without_a_name_says_what_to_do(agent: Browser) -> None:
    answer = agent.post("inbox-view-save", data={"name": " ", "query": "who=mine"}, **HTMX)
    assert answer.status_code == 422
    assert "Give the view a name." in answer.content.decode()
    assert 'value="mine"' in answer.content.decode()


def test_a_view_is_its_members_own(
    aurora: Company, browser_of: Browsers, people: dict[str, Person]
) -> None:
    with opened(aurora):
        owners = me(people, Role.OWNER)
        view = saved_views.save_view(member=owners, name="Minha", query="who=mine")
    agent = browser_of(Role.AGENT)
    assert "Minha" not in agent.get("inbox-filters").content.decode()
    assert agent.post("inbox-view-delete", view.pk).status_code == 404


def test_who_may_answer_chooses_conversations_and_who_may_not_does_not(
    aurora: Company, browser_of: Browsers, talk: Conversation
) -> None:
    with opened(aurora):
        Label.objects.create(name="VIP", key="vip")
    agent = browser_of(Role.AGENT)
    assert f'name="ids" value="{talk.pk}"' in agent.get("inbox").content.decode()
    dialog = agent.get("inbox-chosen")
    assert [str(label) for label in dialog.context["labels"]] == ["VIP"]
    assert dialog.context["me"] in dialog.context["members"]
    viewer = browser_of(Role.VIEWER)
    assert 'name="ids"' not in viewer.get("inbox").content.decode()
    assert viewer.get("inbox-chosen").status_code == 403
