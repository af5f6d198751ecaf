"""The log, replays and dead letters over the API."""

from typing import Any

from core import ids
from core.ids import uuid7
from events.models import Delivery, Event, LetterRun, Replay
from tenants.models import Company
from tests.events.conftest import inside


def an_event(**more: Any) -> Event:
    return Event.objects.create(**{"type": "member.joined", "data": {}, "actor": "system", **more})


def test_the_log_is_filtered_and_paged(aurora: Company, api_client: Any) -> None:
    contact = uuid7()
    with inside(aurora):
        about = an_event(data={"contact_id": str(contact)})
        an_event(type="member.left"), an_event()
    client = api_client(aurora, "events.view")
    everything = client.get("/api/v1/events/?page_size=2").json()
    assert [one["sequence"] for one in everything["results"]] == [
        about.sequence + 2,
        about.sequence + 1,
    ]
    assert [one["id"] for one in client.get(everything["next"]).json()["results"]] == [
        ids.encode("evt", about.uid)
    ]
    found = client.get(f"/api/v1/events/?about={ids.encode('con', contact)}").json()["results"]
    assert [one["sequence"] for one in found] == [about.sequence]
    assert client.get("/api/v1/events/?since=yesterday").status_code == 422


def test_an_event_tells_its_data_and_its_trace(aurora: Company, api_client: Any) -> None:
    with inside(aurora):
        event = an_event(data={"name": "Ana"})
        Delivery.objects.create(event=event, subscriber="test.nobody", state="dead", error="No")
    client = api_client(aurora, "events.view")
    told = client.get(f"/api/v1/events/{ids.encode('evt', event.uid)}/").json()
    assert told["data"] == {"name": "Ana"}
    [part] = told["traces"]
    assert (part["rows"][0]["title"], part["rows"][0]["detail"]) == ("test.nobody", "No")
    assert client.get(f"/api/v1/events/{ids.encode('evt', uuid7())}/").status_code == 404
    assert client.post(f"/api/v1/events/{told['id']}/replay/").status_code == 403


def test_a_replay_is_begun_told_and_stopped(aurora: Company, api_client: Any) -> None:
    with inside(aurora):
        event = an_event(type="test.unheard")
        Delivery.objects.create(event=event, subscriber="team.tell_joined", state="done")
    client = api_client(aurora, "events.view", "events.manage")
    refused = client.post("/api/v1/replays/", {"type": "test.unheard", "with_effects": True})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "sure")
    begun = client.post("/api/v1/replays/", {"type": "test.unheard"}).json()
    assert (begun["state"], begun["total"]) == ("running", 1)
    assert client.get("/api/v1/replays/").json()["results"] == [begun]
    stopped = client.post(f"/api/v1/replays/{begun['id']}/stop/").json()
    assert stopped["state"] == "stopped"
    one = client.post(f"/api/v1/events/{ids.encode('evt', event.uid)}/replay/", {})
    assert (one.status_code, one.json()["handed"]) == (202, 0)
    with inside(aurora):
        assert Replay.objects.count() == 2


def test_dead_letters_are_listed_and_tried_again(aurora: Company, api_client: Any) -> None:
    with inside(aurora):
        for _ in range(2):
            Delivery.objects.create(
                event=an_event(), subscriber="test.nobody", state="dead", error="KeyError: 'x'"
            )
    client = api_client(aurora, "events.view", "events.manage")
    [group] = client.get("/api/v1/dead-letters/").json()
    assert (group["box"], group["count"], group["cause"]) == ("events", 2, "KeyError: 'x'")
    key = group["letters"][0]["key"]
    one = client.post("/api/v1/dead-letters/", {"box": "events", "keys": [key]}, format="json")
    assert (one.status_code, one.json()) == (202, {"state": "done", "total": 1, "done": 1})
    rest = client.post(
        "/api/v1/dead-letters/",
        {"box": "events", "action": "discard", "cause": group["cause"]},
        format="json",
    )
    assert (rest.status_code, rest.json()["total"]) == (202, 1)
    assert client.post("/api/v1/dead-letters/", {"box": "no"}).status_code == 422
    with inside(aurora):
        assert LetterRun.objects.count() == 1
