"""Views of the list that a member keeps."""

import pytest

from conversations.services import saved_views
from core.errors import Invalid, NotFound
from team.models import Member
from team.services import saved_views as kept
from tenants.enums import Role
from tenants.models import Company, Person


def test_a_view_of_the_same_name_is_changed_and_there_are_not_endlessly_many(
    company: Company, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "AT_MOST", 1)
    member = Member.objects.get(person_id=people[Role.AGENT].pk)
    first = saved_views.save_view(member=member, name="Uma", query="who=mine")
    again = saved_views.save_view(member=member, name="Uma", query="unread=1")
    assert (again.pk, again.query) == (first.pk, "unread=1")
    for name in ("Outra", "", "x" * 61):
        with pytest.raises(Invalid):
            saved_views.save_view(member=member, name=name, query="")
    saved_views.delete_view(member=member, view_id=first.pk)
    with pytest.raises(NotFound):
        saved_views.delete_view(member=member, view_id=first.pk)


def test_a_view_keeps_what_is_a_filter_and_nothing_else(
    company: Company, people: dict[str, Person]
) -> None:
    member = Member.objects.get(person_id=people[Role.AGENT].pk)
    view = saved_views.save_view(
        member=member, name=" Minha   vista ", query="evil=1&unread=1&who=mine&cursor=x&order=no"
    )
    assert (view.name, view.query) == ("Minha vista", "who=mine&unread=1")
