"""A number at the providers' stand-in, and the phones of those who write to it."""

import time
from typing import Any

import httpx

from tests.e2e.stack import Stack

ACCOUNT = "102290129340398"  # the sandbox's
PROVIDER = "meta"


class Line:
    """A tour's own number, so that tours may run beside each other in one sandbox.

    Args:
        place: two digits that no other tour's number ends with.
    """

    def __init__(self, stack: Stack, place: int) -> None:
        self.id = f"2000000000000{place:02}"
        self._client = httpx.Client(base_url=f"{stack.sandbox}/_sandbox/", timeout=30)
        number = {"id": self.id, "display_phone_number": f"+55 11 4000-30{place:02}"}
        self.steer("POST", "accounts", waba_id=ACCOUNT, numbers=[number])

    def steer(self, method: str, path: str, **body: Any) -> Any:
        """Ask the sandbox to do something; what it says as JSON."""
        answer = self._client.request(method, path, json=body or None).raise_for_status()
        return answer.json() if answer.content else {}

    def find(self, path: str, **query: str) -> list[dict[str, Any]]:
        """What the sandbox lists there."""
        found = self._client.get(path, params=query).raise_for_status().json()["results"]
        return list(found)

    def connect(self, api: httpx.Client) -> str:
        """Connect the number and its templates to that API's company; returns its id there."""
        [values] = [one for one in self.find("demo") if one["number_id"] == self.id]
        answer = api.post("connections/", json={**values, "name": "Loja"}).raise_for_status()
        connection = str(answer.json()["id"])
        api.post("templates/sync/", json={"connection": connection}).raise_for_status()
        return connection

    def strike(self, rules: list[dict[str, Any]]) -> None:
        """Have the provider do wrong at this number what the rules say."""
        ours = [{**rule, "when": {**rule["when"], "connection": self.id}} for rule in rules]
        self.steer("POST", "faults", provider=PROVIDER, rules=ours)

    def writes(self, person: str, **content: Any) -> None:
        """A customer writes: `text=…` or `media=…`, and `name=…` when it is the first time."""
        message = {"connection": self.id, "from": person, "provider": PROVIDER, **content}
        assert self.steer("POST", "inbound", **message)["delivered"]

    def phone(self, person: str) -> list[dict[str, Any]]:
        """The messages on a customer's phone, in order; theirs are `out`, the company's `in`."""
        return self.find("phone/messages", connection=self.id, contact=person)

    def texts(self, person: str) -> list[str]:
        """What the company wrote, as the phone shows it."""
        return [one["text"] for one in self.phone(person) if one["direction"] == "in"]

    def shows(self, person: str, *wanted: str) -> None:
        """Wait until the phone shows so many messages; they are these, and no other."""
        for _ in range(120):
            texts = self.texts(person)
            if len(texts) >= len(wanted):
                break
            time.sleep(0.25)
        assert len(texts) == len(wanted), texts
        missing = [word for word, text in zip(wanted, texts, strict=True) if word not in text]
        assert missing == [], texts

    def accepted(self) -> list[dict[str, Any]]:
        """The messages that the provider took from this number."""
        return [one for one in self.find("ledger", connection=self.id) if one["kind"] == "message"]
