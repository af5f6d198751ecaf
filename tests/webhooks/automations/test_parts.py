"""Each trigger, condition, wait and action does what it is called."""

from typing import Any

import pytest
from django.utils import timezone, translation

from connections.models import Connection
from conversations.enums import ConversationStatus
from conversations.models import Conversation
from core.ids import uuid7
from crm.enums import ConsentAction
from crm.models import Contact, ContactList, ContactTag, ListMember, Tag
from crm.services import consents, contacts, lists
from crm.services.segments import create_segment
from messaging.enums import Origin, TemplateStatus
from messaging.models import Message
from team.models import Member, Notification
from tenants.models import Company, Person
from tests.conversations.factories import closed_window, received
from tests.crm.factories import a_contact
from tests.messaging.factories import a_connection, a_template
from tests.webhooks.automations.factories import (
    a_step,
    a_talk,
    all_of,
    an_automation,
    hear,
    later,
    sent_to,
    text,
    told,
)
from webhooks.automations import describe, registry, words
from webhooks.automations.builder.controls import Control
from webhooks.automations.compiled import group_of
from webhooks.automations.happening import Happening
from webhooks.automations.models import Run, RunStep
from webhooks.automations.scene import Scene
from webhooks.endpoints.models import Dispatch, Endpoint
from webhooks.sources.models import Source

WAIT = a_step("wait", **{"for": {"amount": 1, "unit": "days"}})


# --- triggers


@pytest.mark.parametrize(
    ("how", "said", "starts"),
    [
        ("contains", "Quero uma PROMOÇÃO, por favor", True),
        ("contains", "promocional", False),
        ("is", "promoção!", True),
        ("is", "quero promoção", False),
        ("begins", "Promocao de hoje", True),
        ("begins", "a promoção", False),
    ],
)
def test_a_keyword_starts(company: Company, how: str, said: str, starts: bool) -> None:
    params = {"words": ["promoção"], "how": how}
    an_automation(WAIT, trigger={"kind": "keyword", "params": params})
    received(a_connection(), said)
    hear()
    assert Run.objects.exists() == starts


def test_tags_and_lists_start(company: Company) -> None:
    vip, other = (Tag.objects.create(name=name, key=name) for name in ("vip", "other"))
    chosen = lists.create_list(name="Clube")
    for kind, params in (
        ("tag_added", {"tags": [str(vip.pk)]}),
        ("tag_removed", {"tags": [str(vip.pk)]}),
        ("listed", {"lists": [str(chosen.pk)]}),
    ):
        an_automation(WAIT, trigger={"kind": kind, "params": params}, name=kind)
    contact = a_contact()
    contacts.tag(contact_ids=[contact.pk], tags=["vip", "other"])
    contacts.untag(contact_ids=[contact.pk], tag_ids=[vip.pk, other.pk])
    lists.add_contacts(contact_list=chosen, contact_ids=[contact.pk])
    lists.add_contacts(contact_list=chosen, contact_ids=[contact.pk])
    hear()
    started = Run.objects.order_by("automation__name").values_list("automation__name", flat=True)
    assert list(started) == ["listed", "tag_added", "tag_removed"]


def test_a_source_starts_by_itself_alone(company: Company) -> None:
    one, two = (Source.objects.create(name=name, preset="generic", token=name) for name in "ab")
    an_automation(WAIT, trigger={"kind": "source", "params": {"source": str(one.pk)}})
    contact = a_contact()
    for source in (one, two):
        told("purchase.approved", contact, source_id=source.pk)
    hear()
    assert [run.data["source_id"] for run in Run.objects.all()] == [str(one.pk)]


# --- conditions


def held(scene: Scene, kind: str, op: str, value: Any = None) -> bool:
    item = {"kind": kind, "op": op, **({} if value is None else {"value": value})}
    return group_of(all_of(item)).ask(scene).held


def test_conditions_of_the_event_and_the_contact(company: Company) -> None:
    tag, other = (Tag.objects.create(name=name, key=name) for name in ("vip", "other"))
    contact = a_contact(attributes={"cidade": "São Paulo", "pedidos": 3})
    contacts.tag(contact_ids=[contact.pk], tags=["vip"])
    chosen = lists.create_list(name="Clube")
    audience = create_segment(name="VIP", audience={"tags": ["vip"]})
    consents.record(
        contact=contact, channel="whatsapp", purpose="marketing",
        action=ConsentAction.OPT_IN, source="site",
    )  # fmt: skip
    event = told("pix.created", contact, order_id="7", amount=1990, product="Caneca",
                 fields={"cor": "azul"})  # fmt: skip
    told("pix.paid", contact, order_id="7")
    scene = Scene(Happening.of(event), contact.pk, now=timezone.now())
    asked = [
        ("event:amount", "greater", 1000, True),
        ("event:amount", "less", 1000, False),
        ("event:product", "contains", "cane", True),
        ("event:fields.cor", "is", "AZUL", True),
        ("event:link", "empty", None, True),
        ("happened:pix.paid", "yes", None, True),
        ("happened:pix.expired", "no", None, True),
        ("tag", "any_of", [str(tag.pk)], True),
        ("tag", "none_of", [str(other.pk)], True),
        ("list", "any_of", [str(chosen.pk)], False),
        ("segment", "any_of", [str(audience.pk)], True),
        ("segment", "none_of", [str(audience.pk)], False),
        ("contact:name", "is", "ana souza", True),
        ("contact:email", "not_empty", None, False),
        ("attribute:cidade", "is", "sao paulo", True),
        ("attribute:pedidos", "greater", "2", True),
        ("opted_in:whatsapp.marketing", "yes", None, True),
        ("opted_in:sms.marketing", "yes", None, False),
        ("window", "closed", None, True),
        ("hours", "open", None, True),
        ("last_message", "customer", None, False),
        ("last_message_age", "older", {"amount": 1, "unit": "hours"}, True),
        ("assigned", "no", None, True),
    ]
    found = [(kind, op, held(scene, kind, op, value)) for kind, op, value, _so in asked]
    assert found == [(kind, op, so) for kind, op, _value, so in asked]
    kinds = {kind.partition(":")[0] for kind, *_rest in asked}
    assert kinds == {condition.kind for condition in registry.conditions()}


def test_conditions_of_messages(company: Company) -> None:
    talk = a_talk("Oi")
    event = told("pix.created", talk.contact)
    scene = Scene(Happening.of(event), talk.contact_id, now=timezone.now())
    assert held(scene, "window", "open")
    assert held(scene, "last_message", "customer")
    assert held(scene, "last_message_age", "newer", {"amount": 1, "unit": "hours"})


def test_groups_join_by_all_and_any(company: Company) -> None:
    scene = Scene(Happening.of(told("pix.created", None, amount=100)), None, now=timezone.now())
    yes, no = ({"kind": "event:amount", "op": "equals", "value": value} for value in (100, 5))
    either = {"join": "any", "items": [no, yes]}
    assert group_of(all_of(yes, either)).ask(scene).held
    assert not group_of(all_of(no, either)).ask(scene).held
    assert group_of({"join": "any", "items": []}).ask(scene).held


# --- actions


def done(company: Company, step: dict[str, Any], contact: Contact, **fields: Any) -> RunStep:
    """Have a step done for a contact; its line."""
    an_automation(step)
    told("pix.created", contact, **fields)
    hear()
    return RunStep.objects.get(step=step["id"])


def test_a_text_leaves_once_with_the_origin_of_automations(company: Company) -> None:
    talk = a_talk()
    line = done(company, text("Oi {{contact.first_name}}"), talk.contact)
    message = Message.objects.get(contact=talk.contact, direction="out")
    assert (message.origin, line.said["message"]) == (Origin.RULE, str(message.pk))


def test_a_value_that_is_empty_keeps_a_text_from_being_sent(company: Company) -> None:
    talk = a_talk()
    line = done(company, text("O código: {{event.pix_code}}"), talk.contact)
    assert (line.outcome, line.code, sent_to(talk.contact)) == ("refused", "value_missing", [])
    assert "event.pix_code" in words.line(line).detail


def test_the_gate_says_why_a_text_does_not_leave(company: Company) -> None:
    talk = a_talk()
    closed_window(talk)
    line = done(company, text("Oi"), talk.contact)
    assert (line.outcome, line.code) == ("refused", "window_closed")
    assert words.line(line).detail
    assert Run.objects.get().state == "done"


def test_a_template_leaves_with_values_of_event_and_contact(company: Company) -> None:
    talk = a_talk()
    closed_window(talk)
    template = a_template(talk.thread.connection)
    values = {"1": "{{contact.first_name|você}}", "2": "{{event.order_id}}"}
    step = a_step("send_template", template=str(template.pk), values=values)
    done(company, step, talk.contact, order_id="77")
    assert sent_to(talk.contact) == ["Hi Ana, we received your order 77. Thank you!"]


def test_an_sms_needs_a_number_for_it(company: Company) -> None:
    line = done(company, a_step("send_sms", text="Oi"), a_contact())
    assert (line.outcome, line.code) == ("refused", "no_number")


def test_tags_fields_and_lists_are_changed_once(company: Company) -> None:
    tag = Tag.objects.create(name="vip", key="vip")
    chosen = lists.create_list(name="Clube")
    contact = a_contact()
    steps = [
        a_step("add_tag", tags=[str(tag.pk)]),
        a_step("add_tag", tags=[str(tag.pk)]),
        a_step("add_to_list", lists=[str(chosen.pk)]),
        a_step("set_field", field="attribute.pedido", value="{{event.order_id}}"),
        a_step("remove_tag", tags=[str(tag.pk)]),
    ]
    from crm.services.fields import create_field

    create_field(label="Pedido", kind="text")
    an_automation(*steps)
    told("pix.created", contact, order_id="7")
    hear()
    outcomes = [RunStep.objects.get(step=step["id"]).outcome for step in steps]
    assert outcomes == ["done", "nothing", "done", "done", "done"]
    contact.refresh_from_db()
    assert contact.attributes == {"pedido": "7"}
    assert not ContactTag.objects.exists()
    assert ListMember.objects.get().list_id == ContactList.objects.get().pk


def test_the_team_is_brought_in(company: Company, owner: Person) -> None:
    member = Member.objects.get(person_id=owner.pk)
    talk = a_talk()
    steps = [
        a_step("assign", member=str(member.pk)),
        a_step("add_note", text="Pedido {{event.order_id}}"),
        a_step("notify", members=[str(member.pk)], text="{{contact.name}} pagou"),
        a_step("resolve"),
        a_step("reopen"),
    ]
    an_automation(*steps)
    told("pix.created", talk.contact, order_id="7")
    hear()
    assert [RunStep.objects.get(step=step["id"]).outcome for step in steps] == ["done"] * 5
    talk = Conversation.objects.get(pk=talk.pk)
    assert (talk.assignee, talk.status) == (member, ConversationStatus.OPEN)
    assert Message.objects.get(kind="note").content["text"] == "Pedido 7"
    assert Notification.objects.get(code="automation.told").data == {"text": "Ana Souza pagou"}


def test_who_has_no_conversation_cannot_be_assigned(company: Company, owner: Person) -> None:
    member = Member.objects.get(person_id=owner.pk)
    line = done(company, a_step("assign", member=str(member.pk)), a_contact())
    assert line.code == "no_conversation"


def test_a_webhook_is_called_once(company: Company) -> None:
    endpoint = Endpoint.objects.create(name="ERP", url="https://93.184.215.14/")
    line = done(company, a_step("call_webhook", endpoint=str(endpoint.pk)), a_contact())
    dispatch = Dispatch.objects.get()
    assert (line.said["dispatch"], dispatch.event.type) == (str(dispatch.pk), "automation.called")
    assert '"name":"Ana Souza"' in dispatch.event.body.replace(": ", ":")


def test_stop_ends_a_way(company: Company) -> None:
    talk = a_talk()
    branch = a_step(
        "branch",
        if_=all_of({"kind": "event:amount", "op": "less", "value": 100}),
        then=[a_step("stop")],
        else_=[text("Oi")],
    )
    an_automation(branch, text("Tchau"))
    told("pix.created", talk.contact, amount=50, order_id="1")
    told("pix.created", talk.contact, amount=500, order_id="2")
    hear()
    assert sent_to(talk.contact) == ["Oi", "Tchau"]
    assert sorted(Run.objects.values_list("state", flat=True)) == ["done", "stopped"]


# --- waits


@pytest.mark.parametrize(
    "step",
    [
        a_step("wait", **{"for": {"amount": 3, "unit": "days"}}),
        a_step("wait_until", at="09:00", days=["0", "3"]),
    ],
)
def test_a_wait_is_a_row_and_goes_on_when_it_is_over(
    company: Company, step: dict[str, Any]
) -> None:
    talk = a_talk()
    an_automation(step, text("Oi"))
    told("pix.created", talk.contact)
    hear()
    assert (Run.objects.get().state, sent_to(talk.contact)) == ("waiting", [])
    later()
    assert sent_to(talk.contact) == ["Oi"]


# --- all of them


def test_every_part_reads_as_a_sentence_even_where_it_is_empty(company: Company) -> None:
    for part in (*registry.actions(), *registry.waits()):
        assert describe.step_sentence({"id": "a", "kind": part.kind, "params": {}})
    for trigger in registry.triggers():
        assert isinstance(describe.trigger_sentence({"kind": trigger.kind, "params": {}}), str)
    for part in (*registry.actions(), *registry.waits(), *registry.triggers()):
        for field in part.fields:
            assert field.value.input
            list(field.value.options())


def test_a_chosen_number_that_is_gone_is_not_replaced_by_another(company: Company) -> None:
    talk = a_talk()
    chosen = a_connection(name="Vendas", external_id="222")
    an_automation(a_step("send_text", text="Oi", connection=str(chosen.pk)))
    Connection.objects.filter(pk=chosen.pk).update(deleted_at=timezone.now())
    told("pix.created", talk.contact)
    hear()
    assert sent_to(talk.contact) == []
    step = RunStep.objects.get(kind="send_text")
    assert (step.outcome, step.code) == ("refused", "number_gone")
    with translation.override("en"):
        assert words.line(step).detail == "The number that was chosen does not exist any more."


def test_templates_are_named_with_their_language_in_words(company: Company) -> None:
    template = a_template(a_connection(), language="pt_BR")
    [field, *_rest] = registry.action_of("send_template").fields  # type: ignore[union-attr]
    with translation.override("en"):
        [option] = field.value.options()
        assert option.label == f"{template.name} ({template.language_name})"
        assert "pt_BR" not in str(option.label)


def test_only_approved_templates_are_offered_and_a_chosen_one_stays_with_its_status(
    company: Company,
) -> None:
    connection = a_connection()
    good = a_template(connection, name="bom")
    paused = a_template(connection, name="parado", status=TemplateStatus.PAUSED)
    [field, *_rest] = registry.action_of("send_template").fields  # type: ignore[union-attr]
    with translation.override("en"):
        new, old = Control(field), Control(field, str(paused.pk))
        assert [one.value for one in new.options] == [str(good.pk)]
        assert [one.value for one in old.options] == [str(good.pk), str(paused.pk)]
        assert str(old.options[-1].label).endswith("· Paused")
    assert [one.value for one in Control(field, str(uuid7())).options] == [str(good.pk)]
