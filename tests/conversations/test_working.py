"""The pages of the work on a conversation."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from conversations.enums import ConversationStatus
from conversations.models import Conversation, Label
from conversations.services import canned, labels, status
from core.scope import opened
from messaging.models import Message
from team.models import Member, Team
from tenants.models import Company
from tests.conversations.conftest import Browser
from tests.conversations.factories import a_member

HTMX = {"HTTP_HX_REQUEST": "true"}


def now(company: Company, talk: Conversation) -> Conversation:
    with opened(company):
        return Conversation.objects.select_related("assignee", "team").get(pk=talk.pk)


def toast(response: Any) -> dict[str, str]:
    told: dict[str, str] = json.loads(response.headers["HX-Trigger"])["toast"]
    return told


def test_pending_and_reopened_by_their_buttons(
    agent: Browser, aurora: Company, talk: Conversation
) -> None:
    fragment = agent.post("conversation-pending", talk.pk).content.decode()
    assert 'data-status="pending"' in fragment
    assert now(aurora, talk).status == ConversationStatus.PENDING
    assert 'data-status="open"' in agent.post("conversation-reopen", talk.pk).content.decode()


def test_an_offered_moment_snoozes_and_closes_the_dialog(
    agent: Browser, aurora: Company, talk: Conversation
) -> None:
    response = agent.post("conversation-snooze", talk.pk, data={"preset": "hour"})
    assert response.status_code == 200
    assert response.headers["HX-Retarget"] == "#conversation-actions"
    assert "dialog-close" in response.headers["HX-Trigger"]
    until = now(aurora, talk).snoozed_until
    assert until is not None
    assert abs(until - timezone.now() - timedelta(hours=1)) < timedelta(minutes=1)


def test_a_moment_of_their_own_is_in_the_companys_zone(
    agent: Browser, aurora: Company, talk: Conversation
) -> None:
    day = (timezone.now() + timedelta(days=3)).strftime("%Y-%m-%d")
    agent.post("conversation-snooze", talk.pk, data={"until": f"{day}T09:00"})
    until = now(aurora, talk).snoozed_until
    assert until is not None
    assert until.isoformat() == f"{day}T12:00:00+00:00"  # São Paulo


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"until": "2020-01-01T09:00"}, "This moment is over. Choose a later one."),
        ({"until": ""}, "Choose until when."),
        ({"preset": "someday"}, "Choose until when."),
    ],
)
def test_a_moment_that_will_not_do_says_so_in_the_dialog(
    agent: Browser, aurora: Company, talk: Conversation, data: dict[str, str], sentence: str
) -> None:
    response = agent.post("conversation-snooze", talk.pk, data=data)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert now(aurora, talk).status == ConversationStatus.OPEN


def test_taking_it_makes_it_the_agents(agent: Browser, aurora: Company, talk: Conversation) -> None:
    agent.post("conversation-take", talk.pk)
    assignee = now(aurora, talk).assignee
    assert assignee is not None
    assert assignee.role == "agent"


def test_a_transfer_with_a_note_and_one_to_a_stranger_of_the_team(
    agent: Browser, aurora: Company, talk: Conversation
) -> None:
    with opened(aurora):
        team, member = Team.objects.create(name="Vendas"), Member.objects.get()
    wrong = {"team": team.pk, "member": member.pk, "note": "Veja"}
    refused = agent.post("conversation-transfer", talk.pk, data=wrong)
    assert refused.status_code == 422
    assert "This person is not in the team" in refused.content.decode()
    agent.post("conversation-transfer", talk.pk, data={"team": team.pk, "note": "Veja"})
    assert now(aurora, talk).team == team
    page = agent.get("conversation", talk.pk).content.decode()
    assert "gave the conversation to the team Vendas" in page
    assert page.count("note-bubble") >= 1


def test_the_priority_is_set_or_refused_in_a_sentence(
    agent: Browser, aurora: Company, talk: Conversation
) -> None:
    assert (
        agent.post("conversation-priority", talk.pk, data={"priority": "high"}).status_code == 204
    )
    assert now(aurora, talk).priority == "high"
    assert (
        agent.post("conversation-priority", talk.pk, data={"priority": "x"}, **HTMX).status_code
        == 422
    )


def test_the_dialog_of_labels_puts_on_and_takes_off(
    agent: Browser, aurora: Company, talk: Conversation
) -> None:
    with opened(aurora):
        one, two = labels.create_label(name="Um"), labels.create_label(name="Dois")
        labels.change(conversation_id=talk.pk, add=[one.pk], actor="system")
    assert "checked" in agent.get("conversation-labels", talk.pk).content.decode()
    agent.post("conversation-labels", talk.pk, data={"labels": [two.pk]})
    with opened(aurora):
        assert list(talk.labels.all()) == [two]
    assert "Dois" in agent.get("conversation-panel", talk.pk).content.decode()


def test_a_note_answers_with_its_bubble_and_an_empty_one_with_a_sentence(
    agent: Browser, aurora: Company, talk: Conversation
) -> None:
    bubble = agent.post("conversation-note", talk.pk, data={"text": "Já ligou *duas* vezes"})
    assert "<strong>duas</strong>" in bubble.content.decode()
    assert agent.post("conversation-note", talk.pk, data={"text": " "}, **HTMX).status_code == 422
    with opened(aurora):
        assert Message.objects.filter(kind="note").count() == 1


def test_suggestions_of_people_and_of_canned_replies(
    agent: Browser, aurora: Company, talk: Conversation
) -> None:
    with opened(aurora):
        member, other = Member.objects.get(), a_member("Rui Costa")
        canned.create_reply(shortcut="Bom dia", text="Bom dia, {{contact.first_name}}!", owner=None)
        canned.create_reply(shortcut="segredo", text="Só meu", owner=other)
    people = agent.get("inbox-people", query={"q": str(member).lower()[:3]}).content.decode()
    assert f'data-insert="@{member} "' in people
    found = agent.get("conversation-canned", talk.pk, query={"q": "bom"}).content.decode()
    assert 'data-insert="Bom dia, Ana!"' in found
    assert (
        "Nothing fits"
        in agent.get("conversation-canned", talk.pk, query={"q": "seg"}).content.decode()
    )


def test_one_action_on_many_tells_the_outcome(
    agent: Browser, aurora: Company, talk: Conversation
) -> None:
    gone = "0190a000-0000-7000-8000-000000000000"
    response = agent.post("inbox-bulk", data={"ids": [talk.pk, gone], "action": "resolve"})
    assert response.status_code == 204
    assert toast(response) == {
        "tone": "warning",
        "title": "1 conversation changed",
        "text": "1 stayed as it was: This does not exist or was removed. Check the address.",
    }
    again = agent.post("inbox-bulk", data={"ids": [talk.pk], "action": "reopen"})
    assert toast(again) == {"tone": "success", "text": "1 conversation changed"}


@pytest.mark.parametrize(
    "data", [{"action": "resolve"}, {"action": "snooze"}, {"action": "explode"}, {}]
)
def test_an_action_that_says_too_little_changes_nothing(
    agent: Browser, aurora: Company, talk: Conversation, data: dict[str, str]
) -> None:
    ids = [talk.pk] if data.get("action") != "resolve" else []
    assert agent.post("inbox-bulk", data={"ids": ids, **data}, **HTMX).status_code == 422
    assert now(aurora, talk).status == ConversationStatus.OPEN


def test_a_viewer_sees_the_state_and_no_buttons(
    browser_of: Any, aurora: Company, talk: Conversation
) -> None:
    with opened(aurora):
        status.set_pending(conversation_id=talk.pk, actor="system")
    page = browser_of("viewer").get("conversation", talk.pk).content.decode()
    assert 'data-status="pending"' in page
    assert ["note-form" in page, "snooze-menu" in page, "work-dialog" in page] == [False] * 3


def test_managers_make_labels_and_agents_only_see_them(browser_of: Any, aurora: Company) -> None:
    manager, agent = browser_of("manager"), browser_of("agent")
    data = {"name": "Reclamação", "color": "red"}
    assert manager.post("label-new", data=data).status_code == 302
    assert "already a label" in manager.post("label-new", data=data).content.decode()
    assert "Reclamação" in agent.get("labels").content.decode()
    assert agent.post("label-new", data=data).status_code == 403
    with opened(aurora):
        label = Label.objects.get()
    manager.post("label-edit", label.pk, data={"name": "Queixa", "color": "blue"})
    with opened(aurora):
        assert Label.objects.get().name == "Queixa"
    manager.post("label-delete", label.pk)
    with opened(aurora):
        assert not Label.objects.exists()


def test_an_agent_keeps_their_own_replies_and_a_manager_everybodys(
    browser_of: Any, aurora: Company
) -> None:
    manager, agent = browser_of("manager"), browser_of("agent")
    manager.post("canned-reply-new", data={"shortcut": "oi", "text": "Oi!", "is_shared": "on"})
    agent.post("canned-reply-new", data={"shortcut": "tchau", "text": "Tchau!", "is_shared": "on"})
    mine, theirs = agent.get("canned-replies"), manager.get("canned-replies")
    assert ["/tchau" in page.content.decode() for page in (mine, theirs)] == [True, False]
    with opened(aurora):
        shared = canned.CannedReply.objects.get(owner=None)
        own = canned.CannedReply.objects.exclude(owner=None).get()
    edit = {"shortcut": "x", "text": "X"}
    assert agent.post("canned-reply-edit", shared.pk, data=edit, **HTMX).status_code == 409
    assert manager.post("canned-reply-edit", own.pk, data=edit).status_code == 404
    assert agent.post("canned-reply-edit", own.pk, data=edit).status_code == 302
    assert agent.post("canned-reply-delete", own.pk).status_code == 302
    with opened(aurora):
        assert list(canned.CannedReply.objects.all()) == [shared]
