"""Everything at once: 20,000 sends while processes die, sleep and come back, Redis is wiped,
PostgreSQL restarts and the provider misbehaves (reliability.md, rows A1 to A6 and B1 to B10).

Nobody lost, nobody written to twice, at most a wave unclear for each blow, every ambiguity seen
and settled by evidence, counters equal to the rows. Told by the product's tables and the
provider's ledger alone.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, LiteralString

import httpx
import pytest
from django.conf import settings

from tests.e2e.stack import started
from tests.faults import audit, tally
from tests.faults.product import Api, Product
from tests.faults.rig import until

RECIPIENTS = 20_000
LEASE_SECONDS = 5
UNKNOWN_WAIT_SECONDS = 60  # instead of a quarter of an hour
NUMBER = {"id": "200000000000077", "display_phone_number": "+55 11 4000-7700"}
NUMBER["messaging_limit_tier"] = "TIER_UNLIMITED"
ACCOUNT = "102290129340398"  # the sandbox's demo account
# What the provider does to requests; the rates are of all of them. Refusals that close a
# template, a number or a person have tests of their own: here the campaign has to go on.
FAULTS = [
    {"do": "429", "times": 1, "retry_after": 1},
    {"do": "error:130429", "times": 1},
    {"do": "error:131056", "times": 20},
    {"do": "500_json", "rate": 0.004},
    {"do": "500_html", "rate": 0.002},
    {"do": "reset_before_read", "rate": 0.002},
    {"do": "reset_after_read", "rate": 0.002},
    {"do": "half_body", "rate": 0.002},
    {"do": "200_no_id", "rate": 0.002},
    {"do": "hang", "times": 3},
    {"do": "slow", "rate": 0.001},
    {"do": "error:131026", "rate": 0.004},
    {"do": "error:131000", "rate": 0.004},
    {"do": "status_before_response", "rate": 0.01},
    {"do": "dup_status", "rate": 0.02},
    {"do": "shuffle_status", "rate": 0.02},
]

pytestmark = pytest.mark.faults


@dataclass(slots=True)
class Storm:
    """A started campaign and what was done to it."""

    product: Product
    api: Api
    campaign: str
    schema: str
    blows: Counter[str] = field(default_factory=Counter)
    _seen: int = 0
    _cursor: int = 0

    def sent(self) -> int:
        """How many messages the provider has taken; asks for what is new alone."""
        address = f"{self.product.stack.sandbox}/_sandbox/ledger"
        asked = {"connection": NUMBER["id"], "since": str(self._cursor)}
        answer = httpx.get(address, params=asked).json()
        self._seen += sum(entry["kind"] == "message" for entry in answer["results"])
        self._cursor = answer["next"]
        return self._seen

    def ask(self, query: LiteralString, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the company's schema, over a connection made for this question alone."""
        with self.product.database(self.schema) as connection:
            return connection.execute(query, values).fetchall()

    def after(self, share: float) -> None:
        """Wait until so much of the campaign has left."""
        until(
            lambda: self.sent() >= share * RECIPIENTS, 240, f"stuck before {share:.0%}", every=0.2
        )


@pytest.fixture(scope="module", autouse=True)
def django_db_setup() -> None:
    """The product has a database of its own."""


@pytest.fixture(autouse=True)
def clean_slate() -> None:
    """Nothing of this process needs cleaning."""


@pytest.fixture
def storm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storm]:
    data_dir = tmp_path_factory.mktemp("storm")
    short = {
        "SEND_LEASE_SECONDS": str(LEASE_SECONDS),
        "UNKNOWN_WAIT_SECONDS": str(UNKNOWN_WAIT_SECONDS),
    }
    with ExitStack() as stack:
        product = Product(stack.enter_context(started(data_dir, **short)), data_dir)
        company = product.stack.add_company("Loja Tempestade")
        product.steer("accounts", waba_id=ACCOUNT, numbers=[NUMBER])
        product.steer("settings", delays={"sent": 0.3, "delivered": 1.0, "read": 2.0})
        api = Api(product.stack, company)
        api.call("PATCH", "sending-policy/", json={"windows": {}})
        campaign = _a_campaign(product, api)
        schema = product.schema_of(company)
        with product.database(schema) as database:
            database.execute(audit.INSTALL)
        yield Storm(product, api, campaign, schema)


def test_a_storm_loses_nobody_and_repeats_nobody(
    storm: Storm, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = time.monotonic()
    storm.product.steer("faults", provider="meta", rules=FAULTS)
    storm.api.call("POST", f"campaigns/{storm.campaign}/start/")
    with storm.product.another_worker() as sleeper:
        _strike(storm, sleeper.pid)
        httpx.delete(f"{storm.product.stack.sandbox}/_sandbox/faults").raise_for_status()
        until(lambda: storm.product.pending_callbacks() == 0, 240, "callbacks are stuck", every=1)
        storm.api.wait(
            f"campaigns/{storm.campaign}/", lambda value: value["state"] == "completed", 300
        )
        until(
            lambda: _unsettled(storm) == 0, 60, "what the provider accepted stays unclear", every=1
        )
    report = _judge(storm)
    with capsys.disabled():
        seconds = time.monotonic() - begun
        print(f"\n  storm: {report} blows={dict(storm.blows)} in {seconds:.0f} s")  # noqa: T201


def _strike(storm: Storm, sleeper: int) -> None:
    """Five kills of both workers, a sleeping one that wakes after its leases, three wiped Redis, a
    restart of PostgreSQL, a killed scanner and a killed web server, spread over the campaign."""
    product = storm.product

    def blow(name: str, do: Any) -> None:
        storm.blows[name] += 1
        do()

    def kill_workers() -> None:
        for name in ("sender", "worker"):
            product.kill(name)

    storm.after(0.05)
    blow("kill workers", kill_workers)
    storm.after(0.15)
    blow("flushall", product.flush_redis)
    storm.after(0.20)
    blow("stop worker", lambda: os.killpg(sleeper, signal.SIGSTOP))
    storm.after(0.30)
    blow("kill workers", kill_workers)
    time.sleep(2 * LEASE_SECONDS)
    os.killpg(sleeper, signal.SIGCONT)
    storm.after(0.40)
    blow("restart postgres", lambda: product.kill("postgres", signal.SIGQUIT))
    storm.after(0.50)
    blow("kill scan", lambda: product.kill("scan"))
    storm.after(0.55)
    blow("flushall", product.flush_redis)
    storm.after(0.60)
    blow("kill workers", kill_workers)
    storm.after(0.70)
    blow("kill web", lambda: product.kill("web"))
    storm.after(0.75)
    blow("kill workers", kill_workers)
    storm.after(0.85)
    blow("flushall", product.flush_redis)
    blow("kill workers", kill_workers)


def _judge(storm: Storm) -> dict[str, int]:
    """The invariants I1 to I6 of reliability.md 0.3."""
    entries = storm.product.ledger(NUMBER["id"])
    attempts = Counter(entry["key"] for entry in entries)
    twice = {key: count for key, count in attempts.items() if count > 1}
    people = Counter(entry["recipient"] for entry in entries)
    rows = {
        str(key): (dispatch, external_id)
        for key, dispatch, external_id in storm.ask(
            "SELECT send_key, dispatch, external_id FROM messaging_message WHERE stream_id ="
            " (SELECT stream_id FROM campaigns_campaign)"
        )
    }
    states = Counter(dispatch for dispatch, _ in rows.values())
    counts = storm.api.call("GET", f"campaigns/{storm.campaign}/")["counts"]
    parts = ("queued", "sending", "sent", "failed", "skipped", "cancelled", "unknown")

    assert len(rows) == RECIPIENTS  # I1: nobody was lost
    assert sum(counts[part] for part in parts) == counts["total"] == RECIPIENTS  # I1
    assert twice == {}  # I2: no attempt reached the provider twice
    assert {person: n for person, n in people.items() if n > 1} == {}  # I2: nobody twice
    sent = {entry["key"].partition(":")[0]: entry["wamid"] for entry in entries}
    assert set(sent) <= set(rows)  # I3: everything sent has its row
    wrong = {key for key, wamid in sent.items() if rows[key] != ("accepted", wamid)}
    assert wrong == set()  # I3: and that row knows it, under the provider's id
    accepted = {key for key, (dispatch, _) in rows.items() if dispatch == "accepted"}
    assert accepted == set(sent)  # nothing is said to be sent that was not
    assert not states.keys() & {"planned", "queued", "claimed", "sending", "retry_wait"}  # I4
    assert counts["sent"] + counts["failed"] + counts["unknown"] == RECIPIENTS  # I5
    [(kept,)] = storm.ask("SELECT counts FROM messaging_stream")
    assert {name: kept[name] for name in parts} == {name: counts[name] for name in parts}  # I5
    told = Counter(dict(storm.ask(audit.READ)))
    assert told[audit.RANK_FELL] == 0  # I6
    blows = sum(n for name, n in storm.blows.items() if name not in ("flushall", "kill web"))
    assert (
        told[audit.INTERRUPTED] <= blows * settings.SEND_FAST_WAVE
    )  # at most a wave for each blow
    line = tally.line()
    line.planned, line.sends = RECIPIENTS, len(entries)
    line.unclear = sum(n for what, n in told.items() if what != audit.RANK_FELL)
    line.settled = line.unclear - states["unknown"]
    return {
        "sends": len(entries),
        "lost": RECIPIENTS - len(rows),
        "twice": len(twice),
        "unclear": sum(n for what, n in told.items() if what != audit.RANK_FELL),
        "by kills": told[audit.INTERRUPTED],
        "never sent, seen": states["unconfirmed"] + states["unknown"],
        "rejected": states["rejected"],
    }


def _unsettled(storm: Storm) -> int:
    """Rows that the provider has and that do not know it yet."""
    keys = [entry["key"].partition(":")[0] for entry in storm.product.ledger(NUMBER["id"])]
    [(count,)] = storm.ask(
        "SELECT count(*) FROM messaging_message WHERE send_key = ANY(%s::uuid[])"
        " AND dispatch <> 'accepted'",
        keys,
    )
    return int(count)


def _a_campaign(product: Product, api: Api) -> str:
    """A draft for everybody of an import, at a number that may send a thousand a second."""
    accounts = httpx.get(f"{product.stack.sandbox}/_sandbox/accounts").json()["results"]
    account = next(one for one in accounts if one["waba_id"] == ACCOUNT)
    connection = api.call("POST", "connections/", json={
        "name": "Tempestade", "number_id": NUMBER["id"], "account_id": ACCOUNT,
        "token": next(iter(account["tokens"])), "app_secret": account["app_secret"],
    })  # fmt: skip
    api.call("PATCH", f"connections/{connection['id']}/", json={"rate_per_second": 1000})
    rows = [f"Pessoa {number};(11) 9{70_000_000 + number}" for number in range(RECIPIENTS)]
    table = ("Nome;Telefone\n" + "\n".join(rows)).encode()
    said = {"tags": "tempestade", "opt_in_source": "cadastro"}
    batch = api.call("POST", "contacts/import/", files={"file": ("gente.csv", table)}, data=said)
    api.wait(f"imports/{batch['id']}/", lambda value: value["state"] == "done")
    api.call("POST", "templates/sync/", json={"connection": connection["id"]})
    found = api.wait("templates/", lambda value: bool(value["results"]))["results"]
    template = next(
        one for one in found
        if (one["status"], one["category"]) == ("APPROVED", "MARKETING")
        and all(variable["name"].isalnum() for variable in one["variables"])
    )  # fmt: skip
    variables = {one["name"]: {"value": one["example"]} for one in template["variables"]}
    draft = {
        "name": "Tempestade", "connection": connection["id"], "template": template["id"],
        "variables": variables, "audience": {"import": batch["id"]},
    }  # fmt: skip
    return str(api.call("POST", "campaigns/", json=draft)["id"])
