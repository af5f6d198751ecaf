"""The queue to another system: in turn, at its pace, until each is done or failed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from crm.services.contacts import update_contact
from integrations.enums import IntegrationState, NoteSight, PushState
from integrations.models import ExternalId, Integration, Push
from integrations.providers.base import Access, Card
from integrations.providers.kommo import provider as kommo
from integrations.services import connecting, pushing, queueing
from tests.crm.factories import a_contact
from tests.integrations.conftest import Stand, push_all


def the_push() -> Push:
    return Push.objects.get()


def make_due() -> None:
    """The time that something waits for has come."""
    Push.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    Integration.objects.update(blocked_until=None)


def test_a_contact_is_made_there_with_its_fields_and_tags(
    integration: Integration, stand: Stand
) -> None:
    integration.preferences = {"mapping": {"cidade": "1003"}}
    integration.save()
    person = a_contact(
        "Ana Souza", phone="+5511987654321", email="ana@example.com", tags=["VIP"],
        attributes={"cidade": "Recife"},
    )  # fmt: skip
    queueing.send_contact(integration=integration, contact=person)
    push_all(integration)
    [there] = stand.account()["contacts"]
    values = {one["field_id"]: one["values"][0]["value"] for one in there["custom_fields_values"]}
    assert there["name"] == "Ana Souza"
    assert values == {1001: "+5511987654321", 1002: "ana@example.com", 1003: "Recife"}
    assert [tag["name"] for tag in there["_embedded"]["tags"]] == ["VIP"]
    push = the_push()
    assert (push.state, push.external_id) == (PushState.DONE, str(there["id"]))


def test_who_has_the_address_there_is_brought_up_to_date_and_keeps_their_tags(
    integration: Integration, stand: Stand
) -> None:
    stand.steer(contacts=[{"name": "Ana", "phone": "(11) 98765-4321", "tags": ["Lead"]}])
    person = a_contact("Ana Souza", phone="+5511987654321", tags=["VIP"])
    queueing.send_contact(integration=integration, contact=person)
    push_all(integration)
    [there] = stand.account()["contacts"]
    assert there["name"] == "Ana Souza"
    assert {tag["name"] for tag in there["_embedded"]["tags"]} == {"Lead", "VIP"}


def test_somebody_else_with_the_same_last_digits_is_not_them(
    integration: Integration, stand: Stand
) -> None:
    stand.steer(contacts=[{"name": "Bia", "phone": "+5521987654321"}])
    queueing.send_contact(integration=integration, contact=a_contact("Ana", phone="+5511987654321"))
    push_all(integration)
    assert [one["name"] for one in stand.account()["contacts"]] == ["Bia", "Ana"]


def test_what_did_not_change_is_not_sent_again_and_a_tag_goes_at_once(
    integration: Integration, stand: Stand
) -> None:
    person = a_contact(tags=["VIP"])
    for tags in (["VIP"], ["VIP"], ["Novo"]):
        update_contact(contact=person, changes={"tags": tags})
        queueing.send_contact(integration=integration, contact=person)
        push_all(integration)
    assert stand.kinds() == ["contact_create", "contact_update"]
    [there] = stand.account()["contacts"]
    assert [tag["name"] for tag in there["_embedded"]["tags"]] == ["Novo"]


def test_who_was_deleted_there_is_made_anew(integration: Integration, stand: Stand) -> None:
    person = a_contact()
    ExternalId.objects.create(
        integration=integration, contact=person, thing="contact", external_id="99"
    )
    queueing.send_contact(integration=integration, contact=person)
    push_all(integration)
    assert stand.kinds() == ["contact_create"]
    assert ExternalId.objects.get().external_id == str(stand.account()["contacts"][0]["id"])


@pytest.mark.parametrize(
    ("sight", "note_type"),
    [(NoteSight.PRIVATE, "common"), (NoteSight.PUBLIC, "extended_service_message")],
)
def test_a_note_stands_on_a_lead_of_the_contact(
    integration: Integration, stand: Stand, sight: str, note_type: str
) -> None:
    person = a_contact()
    for text in ("primeira", "segunda"):
        queueing.send_note(
            integration=integration, contact=person, text=text, key=text, sight=sight
        )
    push_all(integration)
    account = stand.account()
    [lead] = account["leads"]
    assert lead["contacts"] == [account["contacts"][0]["id"]]
    assert [(note["params"]["text"], note["note_type"]) for note in account["notes"]] == [
        ("primeira", note_type),
        ("segunda", note_type),
    ]


def test_a_429_is_waited_out_and_nothing_is_lost_or_told_twice(
    integration: Integration, stand: Stand
) -> None:
    stand.fault("429", times=1, retry_after=30, when={"path": "/notes"})
    queueing.send_note(integration=integration, contact=a_contact(), text="olá", key="k")
    push_all(integration)
    push, row = the_push(), Integration.objects.get()
    assert (push.state, push.attempts, push.code) == (PushState.WAITING, 1, "too_fast")
    assert row.blocked_until is not None
    assert timedelta(seconds=25) < row.blocked_until - timezone.now() <= timedelta(seconds=30)
    [(key, at)] = pushing.due(str(row.pk))
    assert (key, at) == (str(row.pk), max(push.due_at, row.blocked_until))
    push_all(integration)  # nothing is due
    make_due()
    push_all(integration)
    assert the_push().state == PushState.DONE
    assert [note["params"]["text"] for note in stand.account()["notes"]] == ["olá"]


def test_the_pace_of_an_account_is_never_above_its_limit(
    integration: Integration, stand: Stand, settings: object
) -> None:
    settings.KOMMO_RATE_PER_SECOND = 6  # type: ignore[attr-defined]
    stand.steer(rate=7)
    for number in range(4):
        queueing.send_contact(integration=integration, contact=a_contact(f"Pessoa {number}"))
    push_all(integration)
    assert not Push.objects.filter(code="too_fast").exists()
    assert Push.objects.filter(state=PushState.DONE).count() == 4


@pytest.mark.parametrize("fault", ["reset_after_read", "200_no_id", "500_html"])
def test_an_answer_that_got_lost_makes_nothing_twice(
    integration: Integration, stand: Stand, fault: str
) -> None:
    for path in ("*/contacts", "*/leads", "*/notes"):
        stand.fault(fault, times=1, when={"path": path, "method": "POST"})
    queueing.send_note(integration=integration, contact=a_contact(), text="uma vez", key="k")
    for _ in range(4):
        make_due()
        push_all(integration)
    account = stand.account()
    made = [len(account[name]) for name in ("contacts", "leads", "notes")]
    assert (made, the_push().state) == ([1, 1, 1], PushState.DONE)


def test_what_is_refused_fails_at_once_and_can_be_sent_again(
    integration: Integration, stand: Stand
) -> None:
    stand.fault("error:400", times=1, when={"method": "POST"})
    queueing.send_contact(integration=integration, contact=a_contact())
    push_all(integration)
    push = the_push()
    assert (push.state, push.code) == (PushState.FAILED, "refused")
    queueing.retry(push=push)
    push_all(integration)
    assert the_push().state == PushState.DONE


def test_what_never_gets_an_answer_fails_in_the_end(integration: Integration, stand: Stand) -> None:
    stand.fault("500_json", times=0)
    queueing.send_contact(integration=integration, contact=a_contact())
    waits = []
    for _ in range(pushing.MAX_ATTEMPTS):
        make_due()
        before = timezone.now()
        push_all(integration)
        waits.append(round((the_push().due_at - before).total_seconds()))
    assert waits[:-1] == list(pushing.BACKOFF_SECONDS)
    assert (the_push().state, the_push().code) == (PushState.FAILED, "server_error")


def test_who_has_no_address_and_who_was_deleted_is_not_sent(
    integration: Integration, stand: Stand
) -> None:
    gone, bare = a_contact(), a_contact(external_id="x")
    update_contact(contact=bare, changes={"phone": ""})
    queueing.send_contact(integration=integration, contact=gone)
    queueing.send_contact(integration=integration, contact=bare)
    type(gone).objects.filter(pk=gone.pk).update(deleted_at=timezone.now())
    push_all(integration)
    codes = dict(Push.objects.values_list("contact", "code"))
    assert codes == {gone.pk: "contact_deleted", bare.pk: "no_address"}
    assert stand.kinds() == []


def test_a_worker_that_died_leaves_its_push_to_the_next_one(
    integration: Integration, stand: Stand
) -> None:
    queueing.send_contact(integration=integration, contact=a_contact())
    assert pushing._claim(integration.pk) is not None
    assert pushing._claim(integration.pk) is None
    make_due()
    push_all(integration)
    assert the_push().state == PushState.DONE


def test_access_that_was_taken_back_stops_it_and_what_waits_goes_after_connecting_again(
    consented: Callable[..., Integration], stand: Stand
) -> None:
    row = consented()
    stand.steer(revoke=True)
    queueing.send_contact(integration=row, contact=a_contact())
    push_all(row)
    row.refresh_from_db()
    assert (row.state, row.state_code) == (IntegrationState.STOPPED, "access_revoked")
    assert the_push().state == PushState.WAITING
    assert list(pushing.due(None)) == []
    stand.steer(token="novo")
    values = {"subdomain": "lojaaurora", "token": "novo"}
    connecting.connect_by_key(slug="kommo", values=values)
    push_all(row)
    assert the_push().state == PushState.DONE


def test_phones_and_emails_that_only_they_know_stay(integration: Integration, stand: Stand) -> None:
    values = [
        {
            "field_id": 1001,
            "field_code": "PHONE",
            "values": [
                {"value": "(11) 98765-4321", "enum_code": "WORK"},
                {"value": "ramal 12", "enum_code": "OTHER"},
            ],
        },
        {
            "field_id": 1002,
            "field_code": "EMAIL",
            "values": [{"value": "ana@empresa.example", "enum_code": "PRIV"}],
        },
    ]
    stand.steer(contacts=[{"name": "Ana", "custom_fields_values": values}])
    person = a_contact("Ana Souza", phone="+5511987654321", email="ana@example.com")
    queueing.send_contact(integration=integration, contact=person)
    push_all(integration)
    [there] = stand.account()["contacts"]
    told = {one["field_code"]: one["values"] for one in there["custom_fields_values"]}
    assert told["PHONE"] == [
        {"value": "+5511987654321", "enum_code": "WORK"},
        {"value": "ramal 12", "enum_code": "OTHER"},
    ]
    assert told["EMAIL"] == [
        {"value": "ana@example.com", "enum_code": "WORK"},
        {"value": "ana@empresa.example", "enum_code": "PRIV"},
    ]


def test_a_note_finds_who_was_deleted_there_anew(integration: Integration, stand: Stand) -> None:
    person = a_contact()
    ExternalId.objects.create(
        integration=integration, contact=person, thing="contact", external_id="99", sent="x"
    )
    queueing.send_note(integration=integration, contact=person, text="olá", key="k")
    push_all(integration)
    account = stand.account()
    assert the_push().state == PushState.DONE
    assert account["leads"][0]["contacts"] == [account["contacts"][0]["id"]]


def test_what_is_under_way_reaches_no_other_account(integration: Integration, stand: Stand) -> None:
    queueing.send_contact(integration=integration, contact=a_contact())
    taken = pushing._claim(integration.pk)
    assert taken is not None
    Integration.objects.update(account_id="another")
    pushing._bring(taken)
    assert (the_push().state, the_push().code) == (PushState.DROPPED, "disconnected")
    assert stand.account()["contacts"] == []


def test_an_account_that_changes_while_we_speak_gets_no_id_of_the_former(
    integration: Integration, stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = kommo.Kommo.create

    def slowly(self: kommo.Kommo, access: Access, card: Card) -> str:
        Integration.objects.update(account_id="another")
        return create(self, access, card)

    monkeypatch.setattr(kommo.Kommo, "create", slowly)
    queueing.send_contact(integration=integration, contact=a_contact())
    push_all(integration)
    assert the_push().state == PushState.DROPPED
    assert not ExternalId.objects.exists()
