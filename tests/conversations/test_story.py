"""System lines: a code and ids in the row, a sentence for the reader."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.utils import translation

from conversations.services import story
from conversations.story import members_of, sentence
from messaging.models import Message
from tests.conversations.factories import a_conversation, a_member

pytestmark = pytest.mark.usefixtures("company")


def test_the_row_keeps_the_code_and_who_did_it() -> None:
    talk, bia = a_conversation(), a_member()
    line = story.tell(
        talk, "snoozed", actor=f"person:{bia.person_id}", until="2026-11-23T12:00:00+00:00"
    )
    stored = Message.objects.get(pk=line.pk)
    assert stored.content == {"code": "snoozed", "until": "2026-11-23T12:00:00+00:00"}
    assert stored.author == bia
    said = "Bia Lima snoozed the conversation until 11/23/2026"
    assert sentence(stored, {}).startswith(said)


def test_a_sentence_that_nobody_wrote_cannot_be_told() -> None:
    with pytest.raises(KeyError):
        story.tell(a_conversation(), "exploded", actor="system")


@pytest.mark.parametrize("actor", ["system", "api_key:1", "person:none", ""])
def test_programs_are_no_member(actor: str) -> None:
    assert story.member_behind(actor) is None


def test_names_cost_one_query_where_somebody_is_named(
    django_assert_num_queries: Callable[[int], AbstractContextManager[Any]],
) -> None:
    talk, bia = a_conversation(), a_member()
    plain = story.tell(talk, "resolved", actor="system")
    named = [story.tell(talk, "assigned", actor="system", member=str(bia.pk)) for _ in range(2)]
    with django_assert_num_queries(0):
        assert members_of([plain]) == {}
    with django_assert_num_queries(1):
        names = members_of([plain, *named])
    with translation.override("en"):
        assert sentence(named[0], names) == "A program gave the conversation to Bia Lima"
        assert sentence(named[0], {}).endswith("somebody who has left")
