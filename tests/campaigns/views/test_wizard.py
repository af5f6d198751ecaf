"""The steps by HTTP: each saves alone, says what is wrong at its place, and leads on."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from core import scope
from crm.models import Segment, Tag
from messaging.models import Template
from tenants.enums import Role
from tenants.models import Company
from tests.campaigns.factories import a_campaign, a_connection, a_template
from tests.crm.factories import a_contact
from tests.messaging.factories import PNG

HTMX = {"HX-Request": "true"}


@pytest.fixture
def visitor(aurora: Company, client_for: Callable[..., Client]) -> Client:
    return client_for(aurora)


@pytest.fixture
def template(aurora: Company) -> Template:
    with scope.opened(aurora):
        return a_template(a_connection())


@pytest.fixture
def draft(aurora: Company, template: Template) -> Campaign:
    with scope.opened(aurora), scope.surroundings(aurora):
        return a_campaign(template)


def url(path: str = "", campaign: Campaign | None = None) -> str:
    return f"/c/aurora/campaigns/{f'{campaign.pk}/' if campaign else ''}{path}"


def stored(aurora: Company, campaign: Campaign) -> Campaign:
    with scope.opened(aurora):
        return Campaign.objects.select_related("template").get(pk=campaign.pk)


def newest(aurora: Company) -> Campaign:
    with scope.opened(aurora):
        return Campaign.objects.order_by("-created_at")[0]


def a_message(template: Template, **more: str) -> dict[str, Any]:
    return {
        "connections": [str(template.connection_id)],
        "version": ["A"],
        "A-template": str(template.pk),
        "A-var-nome-source": "value",
        "A-var-nome-value": "Bia",
        "tracks_links": "on",
        **more,
    }


def test_without_a_number_there_is_nothing_to_begin(visitor: Client) -> None:
    page = visitor.get(url("new/")).content.decode()
    assert "/connections/new/" in page
    assert 'id="step"' not in page


def test_the_first_step_makes_the_draft_and_leads_on(
    visitor: Client, aurora: Company, template: Template
) -> None:
    answer = visitor.post(url("new/"), {"name": "Natal", "kind": "all"})
    campaign = newest(aurora)
    assert answer["Location"] == url("message/", campaign)
    assert (campaign.name, campaign.audience, campaign.state) == ("Natal", {"all": True}, "draft")


def test_a_template_that_one_came_from_is_chosen_already(
    visitor: Client, aurora: Company, template: Template
) -> None:
    assert str(template.pk) in visitor.get(url(f"new/?template={template.pk}")).content.decode()
    visitor.post(url("new/"), {"name": "Natal", "kind": "all", "template": str(template.pk)})
    campaign = newest(aurora)
    assert (campaign.template_id, campaign.connection_id) == (template.pk, template.connection_id)


def test_a_step_that_is_not_complete_says_so_and_saves_nothing(
    visitor: Client, aurora: Company, draft: Campaign
) -> None:
    answer = visitor.post(url("audience/", draft), {"name": "", "kind": "tags"})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert stored(aurora, draft).name == "Black Friday"


def test_the_count_tells_chosen_left_out_and_remaining(
    visitor: Client, aurora: Company, template: Template
) -> None:
    with scope.opened(aurora), scope.surroundings(aurora):
        a_contact(name="Ana", tags=["VIP"])
        a_contact(name="Bia", tags=["VIP", "Frio"])
        a_contact(name="Caio")
        tags = {tag.name: str(tag.pk) for tag in Tag.objects.all()}
    query = {"kind": "tags", "tags": tags["VIP"], "without_tags": tags["Frio"]}
    page = visitor.get(url("count/"), query, headers=HTMX).content.decode()
    assert 'data-count="1"' in page
    assert "\N{MINUS SIGN}1" in page
    incomplete = visitor.get(url("count/"), {"kind": "segment"}, headers=HTMX).content.decode()
    assert "data-count" not in incomplete


def test_what_is_chosen_is_kept_as_an_audience(
    visitor: Client, aurora: Company, template: Template
) -> None:
    values = {"kind": "all", "audience_name": "Todo mundo"}
    answer = visitor.post(url("audiences/"), values, headers=HTMX)
    assert answer.status_code == 200
    with scope.opened(aurora):
        assert Segment.objects.get(name="Todo mundo").audience == {"all": True}
    twice = visitor.post(url("audiences/"), values, headers=HTMX)
    assert twice.status_code == 422
    assert 'role="alert"' in twice.content.decode()


def test_the_message_is_saved_with_its_versions(
    visitor: Client, aurora: Company, draft: Campaign, template: Template
) -> None:
    other = {"B-template": str(template.pk), "B-var-nome-source": "value", "B-var-nome-value": "Oi"}
    rule = {"metric": "replied", "sample_percent": "20", "after_hours": "4"}
    values = {**a_message(template, **other, **rule), "version": ["A", "B"]}
    answer = visitor.post(url("message/", draft), values)
    assert answer["Location"] == url("when/", draft)
    campaign = stored(aurora, draft)
    assert [variant["key"] for variant in campaign.variants] == ["A", "B"]
    assert campaign.variants[1]["variables"] == {"nome": {"value": "Oi"}}
    assert campaign.winner_rule == {
        "metric": "replied", "sample_percent": 20, "after_minutes": 240,
    }  # fmt: skip


def test_the_header_takes_a_file_and_lets_it_go(
    visitor: Client, aurora: Company, draft: Campaign
) -> None:
    with scope.opened(aurora):
        pictured = a_template(
            a_connection(),
            components=[{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Oi"}],
            variables=[{"name": "header_image", "example": "", "where": "header"}],
        )
    values = {
        "connections": str(pictured.connection_id),
        "version": "A",
        "A-template": str(pictured.pk),
        "media_kind": "image",
    }
    path = url("message/versions/", draft)
    file = SimpleUploadedFile("foto.png", PNG, content_type="image/png")
    page = visitor.post(path, {**values, "file": file}, headers=HTMX).content.decode()
    found = re.search(r'name="header_file" value="([0-9a-f-]{36})"', page)
    assert found is not None
    # The phone beside it shows the file, while it is chosen and while somebody types.
    shown = f'<img src="/c/aurora/inbox/media/{found[1]}/"'
    typed = visitor.post(
        url("message/preview/", draft), {**values, "header_file": found[1]}, headers=HTMX
    ).content.decode()
    assert (shown in page, shown in typed) == (True, True)
    refused = visitor.post(url("message/", draft), values).content.decode()
    assert "Upload a picture or give a link." in refused
    visitor.post(url("message/", draft), {**values, "header_file": found[1]})
    campaign = stored(aurora, draft)
    assert (str(campaign.media_id), campaign.variables) == (found[1], {})
    dropped = {**values, "header_file": found[1], "drop_file": "1"}
    assert 'name="header_file"' not in visitor.post(path, dropped, headers=HTMX).content.decode()


def test_a_file_of_another_kind_is_refused_at_its_place(
    visitor: Client, draft: Campaign, template: Template
) -> None:
    file = SimpleUploadedFile("foto.png", b"no picture", content_type="image/png")
    values = {**a_message(template), "media_kind": "image", "file": file}
    page = visitor.post(url("message/versions/", draft), values, headers=HTMX)
    assert page.status_code == 200
    assert 'name="header_file"' not in page.content.decode()


def test_an_empty_variable_is_named_at_its_place(
    visitor: Client, draft: Campaign, template: Template
) -> None:
    values = a_message(template) | {"A-var-nome-value": ""}
    answer = visitor.post(url("message/", draft), values)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_the_preview_follows_what_is_typed(
    visitor: Client, draft: Campaign, template: Template
) -> None:
    page = visitor.post(url("message/preview/", draft), a_message(template), headers=HTMX)
    assert "Olá Bia, temos uma oferta." in page.content.decode()


def test_an_sms_shows_into_how_many_parts_it_is_cut(
    visitor: Client, aurora: Company, draft: Campaign
) -> None:
    with scope.opened(aurora):
        number = a_connection(provider="twilio_sms")
        text = a_template(number, channel="sms")
    values = a_message(text)
    page = visitor.post(url("message/preview/", draft), values, headers=HTMX).content.decode()
    assert 'data-testid="segments"' in page


def test_versions_come_and_go_without_losing_what_was_typed(
    visitor: Client, draft: Campaign, template: Template
) -> None:
    values = a_message(template)
    two = visitor.post(url("message/versions/", draft), {**values, "add": "1"}, headers=HTMX)
    page = two.content.decode()
    assert ('id="version-B"' in page, 'value="Bia"' in page) == (True, True)
    assert 'role="alert"' not in page
    back = {**values, "version": ["A", "B"], "remove": "B"}
    one = visitor.post(url("message/versions/", draft), back, headers=HTMX).content.decode()
    assert 'id="version-B"' not in one


def test_templates_are_searched_among_those_of_the_chosen_numbers(
    visitor: Client, aurora: Company, draft: Campaign, template: Template
) -> None:
    with scope.opened(aurora):
        elsewhere = a_template(a_connection())
    query = {"connections": str(template.connection_id), "key": "A"}
    page = visitor.get(url("message/templates/", draft), query, headers=HTMX).content.decode()
    assert (str(template.pk) in page, str(elsewhere.pk) in page) == (True, False)


def test_when_is_saved_and_leads_to_the_check(
    visitor: Client, aurora: Company, draft: Campaign
) -> None:
    values = {"when": "now", "hours": "company", "budget": "50", "currency": "BRL"}
    answer = visitor.post(url("when/", draft), values)
    assert answer["Location"] == url("check/", draft)
    campaign = stored(aurora, draft)
    assert (str(campaign.budget), campaign.currency) == ("50.000000", "BRL")


def test_save_and_leave_goes_to_the_list(visitor: Client, draft: Campaign) -> None:
    values = {"when": "now", "hours": "company", "then": "leave"}
    assert visitor.post(url("when/", draft), values)["Location"] == url()


def test_a_draft_goes_on_at_its_first_open_step(
    visitor: Client, aurora: Company, draft: Campaign
) -> None:
    assert visitor.get(url("", draft))["Location"] == url("check/", draft)
    with scope.opened(aurora):
        Campaign.objects.filter(pk=draft.pk).update(template=None)
    assert visitor.get(url("", draft))["Location"] == url("message/", draft)


def test_who_may_not_edit_sees_what_it_will_do(
    aurora: Company, client_for: Callable[..., Client], draft: Campaign
) -> None:
    viewer = client_for(aurora, Role.VIEWER)
    assert viewer.get(url("", draft)).status_code == 200
    assert viewer.get(url("audience/", draft)).status_code == 403


def test_what_has_begun_is_settled_but_for_message_and_pace_of_a_paused_one(
    visitor: Client, aurora: Company, draft: Campaign, template: Template
) -> None:
    answers = {}
    for state in (CampaignState.RUNNING, CampaignState.PAUSED):
        with scope.opened(aurora):
            Campaign.objects.filter(pk=draft.pk).update(state=state)
        answers[state] = [
            visitor.get(url(f"{step}/", draft)).status_code
            for step in ("audience", "message", "when", "check")
        ]
    assert answers == {
        CampaignState.RUNNING: [302, 302, 302, 302],
        CampaignState.PAUSED: [302, 200, 200, 302],
    }
    visitor.post(url("message/", draft), a_message(template))
    assert stored(aurora, draft).variables == {"nome": {"value": "Bia"}}


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_comes_back_to_a_step_of_what_has_begun_lands_on_its_report(
    visitor: Client, aurora: Company, draft: Campaign, method: str
) -> None:
    with scope.opened(aurora):
        Campaign.objects.filter(pk=draft.pk).update(state=CampaignState.RUNNING)
    answer = getattr(visitor, method)(url("audience/", draft), follow=True)
    assert answer.redirect_chain == [(url("", draft), 302)]
    assert "This campaign has begun; that part is settled." in answer.content.decode()
