"""What people ask of an inbox and of its contacts, and how long it takes: in the database and over
HTTP."""

from __future__ import annotations

import http.client
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.test import Client

from benchmarks.inboxworld import world
from benchmarks.inboxworld.words import FIRST, LAST, Sentences
from benchmarks.listpages.queries import watched
from benchmarks.report import quantile
from conversations import listing
from conversations.filters import Filters
from conversations.models import Conversation
from core import scope
from core.frames import roomy
from crm.enums import IdentityKind
from crm.listing import sorting
from crm.listing.sorting import Sort
from crm.models import Contact, Identity

VARIETY = 20  # different questions of each kind
NEXT_PAGES = 20
# From a word that every third message has to one that a dozen have.
RANKS = (1, 3, 10, 30, 80, 200, 500, 1_000, 2_000, 5_000, 10_000, 19_000)


@dataclass(frozen=True)
class Look:
    """One kind of question: its addresses, and whether the page asks for the part alone."""

    paths: Sequence[str]
    is_part: bool = True

    def headers(self, cookie: str) -> dict[str, str]:
        """As the browser sends them."""
        return {"Cookie": cookie, **({"HX-Request": "true"} if self.is_part else {})}


def looks() -> dict[str, Look]:
    """All kinds of questions to the inbox, by name."""
    dice = random.Random(11)
    inbox = f"/c/{world.SLUG}/inbox/"
    with scope.opened(world.company()):
        threads = _some_conversations(dice)
        cursors = list(_cursors())
        phones = list(
            Identity.objects.filter(contact__conversations__in=threads).values_list(
                "value", flat=True
            )[:VARIETY]
        )
    tabs = ["", "?who=nobody", "?status=pending", "?order=waiting", "?unread=1"]
    return {
        "list": Look([inbox + query for query in tabs], is_part=False),
        "next": Look([f"{inbox}?cursor={cursor}" for cursor in cursors]),
        "thread": Look([f"{inbox}{pk}/" for pk in threads]),
        "name": Look(_searches(inbox, _names(dice))),
        "digits": Look(_searches(inbox, [phone[-dice.choice((4, 5, 6, 8)) :] for phone in phones])),
        "words": Look(_searches(inbox, _words(dice))),
    }


@roomy
def database(look: Look, *, cookie: str) -> dict[str, float]:
    """`queries` and `database_p50_ms` and `_p95_ms` of the questions, asked in this process.

    Raises AssertionError when an answer is not 200.
    """
    headers = {"host": "localhost", **{k.lower(): v for k, v in look.headers(cookie).items()}}
    client = Client(headers=headers)
    seen: list[list[float]] = []
    for path in look.paths:
        with watched() as queries:
            status = client.get(path).status_code
        if status != 200:
            raise AssertionError(f"{path} answered {status}")
        seen.append(queries)
    times = [sum(queries) * 1000 for queries in seen]
    return {"queries": float(max(map(len, seen))), **_quantiles("database", times)}


def page(look: Look, *, cookie: str, port: int) -> dict[str, float]:
    """`page_p50_ms` and `page_p95_ms` of the questions, one after the other over one connection.

    Raises AssertionError when an answer is not 200.
    """
    times: list[float] = []
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for path in look.paths:
        started = time.perf_counter()
        connection.request("GET", path, headers=look.headers(cookie))
        answer = connection.getresponse()
        answer.read()
        times.append((time.perf_counter() - started) * 1000)
        if answer.status != 200:
            raise AssertionError(f"{path} answered {answer.status}")
    connection.close()
    return _quantiles("page", times)


def _quantiles(name: str, times: Sequence[float]) -> dict[str, float]:
    return {
        f"{name}_p50_ms": quantile(times, 0.5),
        f"{name}_p95_ms": quantile(times, 0.95),
    }


def _some_conversations(dice: random.Random) -> list[UUID]:
    rows = Conversation.objects.order_by("-last_message_at", "-id").values_list("pk", flat=True)
    newest = list(rows[: VARIETY * 50])
    return dice.sample(newest, k=min(VARIETY, len(newest)))


def _cursors() -> Iterable[str]:
    cursor = None
    for _ in range(NEXT_PAGES):
        cursor = listing.page(Filters(), member=None, cursor=cursor).next_cursor
        if not cursor:
            return
        yield cursor


def _names(dice: random.Random) -> list[str]:
    """Beginnings of words, one or two of them, from two letters on."""
    whole = [dice.choice(FIRST + LAST) for _ in range(VARIETY)]
    beginnings = [name[: dice.randint(2, len(name))] for name in whole]
    return [*beginnings, *(f"{dice.choice(FIRST)} {dice.choice(LAST)[:3]}" for _ in whole)]


def _words(dice: random.Random) -> list[str]:
    """Words of every frequency, whole and half typed, alone and in pairs."""
    sentences = Sentences(dice)
    words = [sentences.at_rank(rank) for rank in RANKS]
    halves = [word[: max(2, len(word) - 2)] for word in words]
    pairs = [f"{dice.choice(words[:6])} {word}" for word in words]
    return [*words, *halves, *pairs, "palavraquenemexiste"]


def of_contacts() -> dict[str, Look]:
    """All kinds of questions to the list of contacts, by name."""
    dice = random.Random(12)
    contacts = f"/c/{world.SLUG}/contacts/"
    with scope.opened(world.company()):
        numbers = Identity.objects.filter(kind=IdentityKind.PHONE).order_by("created_at", "pk")
        phones = list(numbers.values_list("value", flat=True)[:VARIETY])
        cursors = {sort: list(_contact_cursors(sort)) for sort in Sort}
    orders = {
        f"by_{sort.name.lower()}": Look(
            [f"{contacts}?{urlencode({'sort': sort, 'cursor': cursor})}" for cursor in found]
        )
        for sort, found in cursors.items()
    }
    return {
        "list": Look([f"{contacts}?{urlencode({'sort': sort})}" for sort in Sort], is_part=False),
        **orders,
        "name": Look(_searches(contacts, _names(dice))),
        "digits": Look(_searches(contacts, [phone[-dice.choice((4, 6)) :] for phone in phones])),
        "tag": Look([f"{contacts}?{urlencode({'tag': pk})}" for pk in world.tags()]),
    }


def _contact_cursors(sort: Sort) -> Iterable[str]:
    cursor = None
    for _ in range(NEXT_PAGES):
        cursor = sorting.page(Contact.objects.alive(), sort=sort, cursor=cursor).next_cursor
        if not cursor:
            return
        yield cursor


def _searches(page: str, typed: Iterable[str]) -> list[str]:
    return [f"{page}?{urlencode({'q': text})}" for text in typed]
