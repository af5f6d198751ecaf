"""The builder: cards come and go in the page, and nothing is kept before somebody says so."""

import json
from typing import Any

import pytest
from django.test import Client

from core import scope
from tenants.models import Company
from tests.messaging.factories import a_connection, a_template
from tests.webhooks.automations.views.conftest import HOME, a_definition
from webhooks.automations.definition import shaped
from webhooks.automations.enums import AutomationState
from webhooks.automations.models import Automation

HTMX = {"HX-Request": "true"}


def ask(
    visitor: Client, automation: Automation, verb: str, definition: Any = None, **fields: Any
) -> Any:
    given = shaped(a_definition()) if definition is None else definition
    data = {"definition": json.dumps(given), **fields}
    return visitor.post(f"{HOME}{automation.pk}/{verb}", data, headers=HTMX)


def kept_in(answer: Any) -> dict[str, Any]:
    return json.loads(answer.context["definition"])


def state_of(aurora: Company, automation: Automation) -> Automation:
    with scope.opened(aurora):
        return Automation.objects.select_related("current").get(pk=automation.pk)


def test_the_page_says_the_flow_in_words(visitor: Client, automation: Automation) -> None:
    page = visitor.get(f"{HOME}{automation.pk}/").content.decode()
    for words in ("PIX created", "Wait 30 minutes", "Aberto", "Business hours now"):
        assert words in page


def test_a_new_step_stands_where_it_was_asked_for(visitor: Client, automation: Automation) -> None:
    answer = ask(
        visitor,
        automation,
        "card/keep/",
        place="steps.1.else.0",
        kind="add_note",
        new="1",
        text="Fechado",
    )
    assert answer["HX-Retarget"] == "#builder"
    assert json.loads(answer["HX-Trigger"]) == {"dialog-close": {}}
    [step] = kept_in(answer)["steps"][1]["else"]
    assert (step["kind"], step["params"]) == ("add_note", {"text": "Fechado"})
    assert answer.context["focus"] == f"card-{step['id']}"


def test_a_changed_card_keeps_its_id_and_what_hangs_on_it(
    visitor: Client, automation: Automation
) -> None:
    waiting = {
        "id": "w",
        "kind": "wait_event",
        "params": {"types": ["pix.paid"], "within": {"amount": 1, "unit": "days"}},
        "then": [{"id": "t", "kind": "stop", "params": {}}],
        "else": [],
    }
    typed = {"types": ["pix.paid", "pix.expired"], "within-amount": "2", "within-unit": "hours"}
    answer = ask(
        visitor,
        automation,
        "card/keep/",
        a_definition(steps=[waiting]),
        place="steps.0",
        kind="wait_event",
        **typed,
    )
    [step] = kept_in(answer)["steps"]
    assert step == {
        **waiting,
        "params": {
            "types": ["pix.paid", "pix.expired"],
            "within": {"amount": 2, "unit": "hours"},
        },
    }


def test_a_form_that_is_not_complete_comes_back_with_what_is_missing(
    visitor: Client, automation: Automation
) -> None:
    answer = ask(
        visitor, automation, "card/keep/", place="steps.0", kind="add_note", new="1", text=" "
    )
    assert answer.status_code == 422
    assert "Fill this in." in answer.content.decode() or "Write a text." in answer.content.decode()


def test_a_text_that_names_no_value_is_refused_at_its_card(
    visitor: Client, automation: Automation
) -> None:
    answer = ask(
        visitor,
        automation,
        "card/keep/",
        place="steps.0",
        kind="send_text",
        new="1",
        text="Oi {{nome}}",
    )
    assert answer.status_code == 422
    assert "{{nome}}" in answer.content.decode()


def test_a_condition_is_asked_and_kept(visitor: Client, automation: Automation) -> None:
    shown = ask(visitor, automation, "card/", place="conditions.items.1", new="1")
    assert 'name="op"' in shown.content.decode()
    answer = ask(
        visitor,
        automation,
        "card/keep/",
        place="conditions.items.1",
        new="1",
        kind="event:product",
        op="contains",
        value="curso",
    )
    assert kept_in(answer)["conditions"]["items"][1] == {
        "kind": "event:product",
        "op": "contains",
        "value": "curso",
    }


def test_a_group_of_conditions_can_be_joined_the_other_way(
    visitor: Client, automation: Automation
) -> None:
    grouped = kept_in(ask(visitor, automation, "change/", op="group", place="conditions.items.1"))
    assert grouped["conditions"]["items"][1] == {"join": "any", "items": []}
    joined = kept_in(
        ask(visitor, automation, "change/", grouped, op="join", place="conditions", value="any")
    )
    assert joined["conditions"]["join"] == "any"


def test_a_step_moves_into_a_branch_and_the_focus_goes_along(
    visitor: Client, automation: Automation
) -> None:
    answer = ask(visitor, automation, "change/", op="down", place="steps.0")
    [branch] = kept_in(answer)["steps"]
    assert [step["id"] for step in branch["then"]] == ["s1", "s3"]
    assert answer.context["focus"] == "card-s1"


def test_a_copied_branch_has_ids_of_its_own(visitor: Client, automation: Automation) -> None:
    answer = ask(visitor, automation, "change/", op="duplicate", place="steps.1")
    definition = kept_in(answer)
    ids = [definition["steps"][n]["then"][0]["id"] for n in (1, 2)]
    assert len({*ids, definition["steps"][1]["id"], definition["steps"][2]["id"]}) == 4


def test_what_is_taken_out_is_named(visitor: Client, automation: Automation) -> None:
    answer = ask(visitor, automation, "change/", op="remove", place="steps.0")
    assert answer.context["removed"] == "Wait 30 minutes"
    assert [step["id"] for step in kept_in(answer)["steps"]] == ["s2"]


@pytest.mark.parametrize("place", ["steps.9", "steps.1.then", "nowhere", "", "steps.0.params.for"])
@pytest.mark.parametrize("op", ["up", "remove", "duplicate", "group", "join", "dance"])
def test_a_place_that_is_gone_says_so(
    visitor: Client, automation: Automation, op: str, place: str
) -> None:
    assert ask(visitor, automation, "change/", op=op, place=place).status_code in (200, 409)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"steps": [1]}',
        '{"steps": [{"id": "a", "params": []}]}',
        '{"trigger": []}',
        '{"conditions": {"items": ["x"]}}',
        '{"limits": {"cooldown": NaN}}',
        '{"steps": [{"id": "\\u0000"}]}',
        '{"steps": [{"id": "\\ud800"}]}',
        '{"steps": [{"id": "a", "kind": "branch", "if": {"items": {}}}]}',
        '{"steps": [{"id": "a", "then": {"b": 1}}]}',
        "[" * 5000,
    ],
)
def test_a_definition_that_is_none_is_refused(
    visitor: Client, automation: Automation, text: str
) -> None:
    for verb in ("change/", "card/", "compare/", "card/preview/"):
        data = {"definition": text, "op": "show", "place": "steps.0"}
        answer = visitor.post(f"{HOME}{automation.pk}/{verb}", data, headers=HTMX)
        assert answer.status_code == 422, verb


def test_the_preview_shows_the_text_with_examples(visitor: Client, automation: Automation) -> None:
    answer = ask(
        visitor,
        automation,
        "card/preview/",
        place="steps.0",
        kind="send_text",
        text="Oi {{contact.first_name}}, {{event.amount}}",
    )
    assert "Oi Ana, R$ 89,90" in answer.content.decode()


def save(visitor: Client, automation: Automation, definition: Any, then: str) -> Any:
    data = {"definition": json.dumps(definition), "name": "PIX novo", "then": then}
    return visitor.post(f"{HOME}{automation.pk}/", data)


def test_a_draft_is_kept_as_it_is_complete_or_not(
    visitor: Client, aurora: Company, automation: Automation
) -> None:
    answer = save(visitor, automation, a_definition(steps=[]), "keep")
    assert answer.status_code == 302
    kept = state_of(aurora, automation)
    assert (kept.name, kept.draft["steps"], kept.state) == ("PIX novo", [], AutomationState.DRAFT)


def test_a_chosen_templates_variables_are_asked_for(
    visitor: Client, aurora: Company, automation: Automation
) -> None:
    with scope.opened(aurora), scope.surroundings(aurora):
        template = a_template(a_connection())
    typed = {"kind": "send_template", "new": "1", "reshape": "1", "template": str(template.pk)}
    answer = ask(visitor, automation, "card/", place="steps.0", **typed)
    assert [line["name"] for line in answer.context["template_lines"]] == ["1", "2"]


def test_publishing_what_is_not_complete_marks_the_card_and_keeps_the_draft(
    visitor: Client, aurora: Company, automation: Automation
) -> None:
    broken = a_definition(steps=[{"id": "s9", "kind": "add_note", "params": {}}])
    answer = save(visitor, automation, broken, "publish")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Fill this in." in page
    assert "Before it can be published" in page
    assert 'href="#card-s9" data-go-to="card-s9"' in page
    kept = state_of(aurora, automation)
    assert (kept.current, kept.draft["steps"][0]["id"]) == (None, "s9")


def test_the_first_publication_switches_it_on_and_the_next_makes_a_version(
    visitor: Client, aurora: Company, automation: Automation
) -> None:
    save(visitor, automation, a_definition(), "publish")
    first = state_of(aurora, automation)
    changed = a_definition(conditions={"join": "all", "items": []})
    save(visitor, automation, changed, "publish")
    second = state_of(aurora, automation)
    assert first.state == AutomationState.ON
    assert first.current is not None
    assert second.current is not None
    assert (first.current.number, second.current.number) == (1, 2)


def test_the_comparison_names_what_came_and_what_went(
    visitor: Client, automation: Automation
) -> None:
    save(visitor, automation, a_definition(), "publish")
    answer = ask(
        visitor, automation, "compare/", a_definition(conditions={"join": "all", "items": []})
    )
    changes = {line.change for line in answer.context["lines"]}
    assert changes == {"", "removed"}


def test_what_is_missing_stays_marked_while_other_cards_change(
    visitor: Client, automation: Automation
) -> None:
    incomplete = a_definition(steps=[{"id": "s1", "kind": "add_note", "params": {}}])
    data = {"definition": json.dumps(shaped(incomplete)), "name": "PIX", "then": "publish"}
    page = visitor.post(f"{HOME}{automation.pk}/", data)
    assert 'name="checked"' in page.content.decode()
    fields = {"place": "limits", "kind": "limits", "per_contact_per_day": "3"}
    kept = ask(
        visitor,
        automation,
        "card/keep/",
        shaped(incomplete),
        checked="1",
        same_order_hours="24",
        **fields,
    )
    assert len(kept.context["flow"].lane.cards[0].errors) == 1
    unchecked = ask(visitor, automation, "change/", shaped(incomplete), op="show")
    assert unchecked.context["flow"].lane.cards[0].errors == []


def test_a_limit_that_the_card_does_not_ask_for_stays(
    visitor: Client, automation: Automation
) -> None:
    given = shaped(
        a_definition(limits={"late_hours": 72, "cooldown": {"amount": 1, "unit": "days"}})
    )
    answer = ask(
        visitor,
        automation,
        "card/keep/",
        given,
        place="limits",
        kind="limits",
        per_contact_per_day="3",
        same_order_hours="0",
    )
    assert kept_in(answer)["limits"] == {
        "late_hours": 72,
        "per_contact_per_day": "3",
        "same_order_hours": "0",
    }
