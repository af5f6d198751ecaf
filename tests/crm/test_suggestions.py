"""Deciding about suggested merges: services, pages, API."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from core import scope
from core.errors import Conflict, Invalid
from core.ids import encode
from crm import lifecycle
from crm.enums import FieldKind, Likeness
from crm.models import Contact, ContactMerge, FieldDefinition, MergeSuggestion
from crm.public_ids import CONTACT
from crm.services import suggestions
from crm.services.contacts import delete_contact
from crm.services.merging import merge_contacts, undo_merge
from crm.views import duplicates
from events.models import Event
from tenants.enums import Role
from tenants.links import company_path
from tenants.models import Company
from tests.crm.factories import a_contact


def a_suggestion(likeness: Likeness = Likeness.CERTAIN, name: str = "Ana Souza") -> MergeSuggestion:
    return MergeSuggestion.objects.create(
        first=a_contact(name=name), second=a_contact(name="A. Souza"), evidence=["phone"],
        likeness=likeness,
    )  # fmt: skip


def state(suggestion: MergeSuggestion) -> str:
    suggestion.refresh_from_db()
    return suggestion.state


@pytest.mark.usefixtures("company")
class TestDeciding:
    def test_two_people_stay_two_and_it_is_told(self) -> None:
        pair = a_suggestion()
        suggestions.dismiss(suggestion=pair)
        assert state(pair) == "dismissed"
        fact = Event.objects.get(type="contact.told_apart")
        assert fact.data["other"] == str(pair.second_id)
        with pytest.raises(Conflict):
            suggestions.dismiss(suggestion=pair)
        with pytest.raises(Conflict):
            suggestions.merge(suggestion=pair)

    def test_the_older_stays_unless_the_other_is_chosen(self) -> None:
        older, chosen = a_suggestion(), a_suggestion()
        assert suggestions.merge(suggestion=older).kept_id == older.first_id
        made = suggestions.merge(suggestion=chosen, keep=chosen.second_id)
        assert (made.kept_id, made.gone_id) == (chosen.second_id, chosen.first_id)
        assert [state(older), state(chosen)] == ["merged", "merged"]
        with pytest.raises(Invalid):
            suggestions.merge(suggestion=a_suggestion(), keep=older.first_id)

    def test_a_merge_by_hand_decides_and_its_undo_says_that_they_are_two(self) -> None:
        pair = a_suggestion()
        made = merge_contacts(kept=pair.second, gone=pair.first)
        assert state(pair) == "merged"
        undo_merge(merge=made)
        assert state(pair) == "dismissed"

    def test_several_at_once_are_those_that_are_certain(self) -> None:
        sure, likely = a_suggestion(), a_suggestion(Likeness.LIKELY)
        done = suggestions.merge_certain(ids=[sure.pk, likely.pk])
        assert (done.merged, done.left) == (1, 1)
        assert [state(sure), state(likely)] == ["merged", "open"]

    def test_a_chain_of_pairs_becomes_one_contact_as_far_as_the_pairs_still_stand(self) -> None:
        first = a_suggestion()
        second = MergeSuggestion.objects.create(
            first=first.second, second=a_contact(), evidence=["phone"], likeness=3
        )
        done = suggestions.merge_certain(ids=[first.pk, second.pk])
        assert (done.merged, done.left) == (1, 1)
        assert ContactMerge.objects.count() == 1

    def test_a_pair_of_which_one_is_deleted_is_not_open(self) -> None:
        pair = a_suggestion()
        delete_contact(contact=pair.second)
        assert not MergeSuggestion.objects.open().exists()

    def test_who_is_erased_stands_in_no_pair(self) -> None:
        pair = a_suggestion()
        for one in lifecycle.participants():
            if one.model is MergeSuggestion:
                one.erase([pair.first_id])
        assert not MergeSuggestion.objects.exists()


@pytest.fixture
def pair(aurora: Company) -> MergeSuggestion:
    with scope.opened(aurora), scope.surroundings(aurora):
        made = a_suggestion()
        assert made.first.name
        assert made.second.name
    return made


def test_the_page_names_both_and_why_and_takes_the_answer(
    aurora: Company, pair: MergeSuggestion, client_for: Callable[..., Client]
) -> None:
    client = client_for(aurora)
    page = client.get(company_path(aurora, "duplicates")).content.decode()
    assert "The same phone number" in page
    assert "Ana Souza" in page
    assert "A. Souza" in page
    count = client.get(company_path(aurora, "duplicates-count")).content.decode()
    assert ">1<" in count
    other = client.get(company_path(aurora, "contact", id=pair.second_id)).content.decode()
    assert "This may be Ana Souza too" in other
    answer = client.post(company_path(aurora, "duplicate-dismiss", id=pair.pk), follow=True)
    assert "No duplicates found" in answer.content.decode()


def test_the_tabs_count_to_a_thousand(
    aurora: Company, client_for: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, "COUNTED_EACH", 2)
    with scope.opened(aurora):
        for _ in range(3):
            a_suggestion(Likeness.LIKELY)
        a_suggestion(Likeness.CERTAIN)
    context = client_for(aurora).get(company_path(aurora, "duplicates")).context
    assert [tab["count"] for tab in context["tabs"]] == ["1", "2+", "0"]
    assert context["total"] == "2+"


def test_an_answer_leads_back_to_the_pairs_that_were_looked_at(
    aurora: Company, pair: MergeSuggestion, client_for: Callable[..., Client]
) -> None:
    answer = client_for(aurora).post(
        company_path(aurora, "duplicate-dismiss", id=pair.pk), {"likeness": "3"}
    )
    assert answer["Location"] == f"{company_path(aurora, 'duplicates')}?likeness=3"


def test_the_fields_that_two_have_in_common_are_named(
    aurora: Company, client_for: Callable[..., Client]
) -> None:
    with scope.opened(aurora):
        FieldDefinition.objects.create(key="born", label="Birthday", kind=FieldKind.DATE)
        MergeSuggestion.objects.create(
            first=a_contact(attributes={"city": "Recife", "born": "1990-02-01", "size": ""}),
            second=a_contact(attributes={"city": "Recife", "born": "1990-02-01", "size": ""}),
            evidence=["name_and_date", "name_and_field"],
            likeness=Likeness.LIKELY,
        )
    page = client_for(aurora).get(company_path(aurora, "duplicates")).content.decode()
    assert "The same name and the same date in: Birthday" in page
    assert "The same name and the same value in: City" in page


def test_chosen_pairs_are_merged_on_the_page(
    aurora: Company, pair: MergeSuggestion, client_for: Callable[..., Client]
) -> None:
    answer = client_for(aurora).post(
        company_path(aurora, "duplicates-merge"), {"ids": [str(pair.pk)]}, follow=True
    )
    assert "1 pair is one contact now" in answer.content.decode()
    with scope.opened(aurora):
        assert Contact.objects.alive().count() == 1


def test_who_may_only_look_decides_nothing(
    aurora: Company, pair: MergeSuggestion, client_for: Callable[..., Client]
) -> None:
    client = client_for(aurora, Role.VIEWER)
    assert "Look and merge" not in client.get(company_path(aurora, "duplicates")).content.decode()
    answer = client.post(company_path(aurora, "duplicate-dismiss", id=pair.pk))
    assert answer.status_code == 403


def test_the_api_lists_tells_apart_and_merges(
    aurora: Company, pair: MergeSuggestion, api_client: Any
) -> None:
    api = api_client(aurora)
    [row] = api.get("/api/v1/duplicates/?likeness=certain").json()["results"]
    assert row["contacts"] == [CONTACT.encode(pair.first_id), CONTACT.encode(pair.second_id)]
    assert (row["likeness"], row["evidence"], row["state"]) == ("certain", ["phone"], "open")
    assert api.get("/api/v1/duplicates/?likeness=likely").json()["results"] == []
    assert api.get("/api/v1/duplicates/?likeness=sure").status_code == 422
    url = f"/api/v1/duplicates/{encode('dup', pair.pk)}"
    made = api.post(f"{url}/merge/", {"keep": row["contacts"][1]}, format="json")
    assert (made.status_code, made.json()["contact"]) == (201, row["contacts"][1])
    assert api.post(f"{url}/dismiss/").json()["code"] == "suggestion_decided"
