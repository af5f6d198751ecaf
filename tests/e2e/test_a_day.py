"""A day at the inbox: two agents in two browsers and a customer's phone, half of it by keyboard."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.e2e.conftest import Camera
from tests.e2e.line import Line
from tests.e2e.stack import ROOT, Stack

OpenBrowser = Callable[..., BrowserContext]

CARLA, DAVI = "+5511974000001", "+5511974000002"
BIA = "bia@example.com"
PASSWORD = "uma-senha-comprida-99"
SLOW = 30_000
REFUSED = "error:131009"
LONG_AGO = -25 * 3600.0
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
PAGES = (
    *("", "inbox/?q=domingos", "contacts/", "contacts/imports/", "templates/", "settings/members/"),
    *("settings/inbox/", "settings/hours/", "settings/teams/", "settings/notifications/"),
)


class Desk:
    """One agent's browser, at the inbox."""

    def __init__(self, page: Page, stack: Stack, company: str) -> None:
        self.page, self.stack, self.company = page, stack, company

    def open_inbox(self) -> None:
        self.page.goto(f"{self.stack.url}/c/{self.company}/inbox/")
        expect(self.page.locator("html")).to_have_attribute("data-live", "socket", timeout=SLOW)

    def item(self, text: str) -> Locator:
        return self.page.locator("[data-testid=conversation-item]").filter(has_text=text)

    def bubble(self, text: str) -> Locator:
        return self.page.locator("[data-testid=thread-message]").filter(has_text=text).last

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)


@pytest.fixture
def company(stack: Stack) -> str:
    return stack.add_company("Loja do Dia")


@pytest.fixture
def line(stack: Stack) -> Line:
    return Line(stack, 9)


@pytest.fixture
def api(stack: Stack, company: str, line: Line) -> httpx.Client:
    """The company's API, with the number connected and its templates here."""
    client = stack.api(company)
    line.connect(client)
    return client


@pytest.fixture
def ana(stack: Stack, company: str, api: httpx.Client, open_browser: OpenBrowser) -> Desk:
    """The owner."""
    # axe is put into the pages from outside, which their policy forbids.
    context = open_browser(bypass_csp=True, reduced_motion="reduce")
    stack.sign_in(context)
    return Desk(context.new_page(), stack, company)


@pytest.fixture
def bia(ana: Desk, line: Line, open_browser: OpenBrowser) -> Desk:
    """A colleague, invited by mail."""
    ana.page.goto(f"{ana.stack.url}/c/{ana.company}/settings/members/")
    ana.page.locator("[data-open='#invite']").first.click()
    ana.page.fill("#invite input[name=email]", BIA)
    ana.page.locator("#invite form button[type=submit]").click()
    expect(ana.page.locator("#pending")).to_contain_text(BIA)

    desk = Desk(open_browser().new_page(), ana.stack, ana.company)
    desk.page.goto(link_in_mail(desk.page, line, "/invitations/"))
    desk.page.fill("input[name=name]", "Bia Souza")
    desk.page.fill("input[type=password]", PASSWORD)
    desk.page.locator("main form button[type=submit]:visible").last.click()
    desk.page.wait_for_url(re.compile(f"/c/{ana.company}/"))
    return desk


def link_in_mail(page: Page, line: Line, part: str) -> str:
    """The address in the newest mail to Bia that has this in its path."""
    for _ in range(60):
        for mail in reversed(line.find("mail", to=BIA)):
            if found := re.search(rf"https?://\S*{part}\S*", mail["text"]):
                return found[0]
        page.wait_for_timeout(250)
    raise AssertionError(f"no mail with {part} came")


def test_two_agents_and_a_customer(
    ana: Desk, bia: Desk, line: Line, api: httpx.Client, camera: Camera
) -> None:
    ana.open_inbox()
    bia.open_inbox()
    what_a_customer_writes_is_in_both_windows(ana, bia, line)
    one_takes_it_and_the_other_sees_it(ana, bia, camera)
    the_answer_arrives(ana, bia, line)
    a_note_calls_the_colleague(ana, bia, camera)
    a_voice_message_plays(ana, line, camera)
    what_failed_is_sent_again(ana, line, camera)
    a_closed_window_offers_templates(bia, line, camera)
    what_was_put_off_comes_back(ana, api)
    search_finds_it(bia, camera)
    done_is_done(ana, bia)
    nobody_is_shut_out(ana)


def what_a_customer_writes_is_in_both_windows(ana: Desk, bia: Desk, line: Line) -> None:
    line.writes(CARLA, name="Carla Nunes", text="Bom dia! O pedido 4512 já saiu?")
    for desk in (ana, bia):
        expect(desk.item("pedido 4512")).to_be_visible(timeout=SLOW)


def one_takes_it_and_the_other_sees_it(ana: Desk, bia: Desk, camera: Camera) -> None:
    """By keyboard: to the conversation, open, take."""
    ana.press("j", "Enter")
    expect(ana.bubble("pedido 4512")).to_be_visible()
    ana.press("t")
    owner = bia.item("Carla Nunes").locator(".row-item-owner")
    expect(owner).to_be_visible(timeout=SLOW)
    bia.item("Carla Nunes").click()
    expect(bia.bubble("pedido 4512")).to_be_visible()
    camera.shoot(bia.page, "taken")


def the_answer_arrives(ana: Desk, bia: Desk, line: Line) -> None:
    ana.press("r")
    ana.page.keyboard.type("Já saiu, chega amanhã.")
    ana.press("Enter")
    for desk in (ana, bia):
        expect(desk.bubble("chega amanhã")).to_have_attribute("data-state", "read", timeout=SLOW)


def a_note_calls_the_colleague(ana: Desk, bia: Desk, camera: Camera) -> None:
    unread = bia.page.locator("[aria-haspopup=dialog][popovertarget=notifications]")
    ana.page.locator("#thread").focus()
    ana.press("n")
    ana.page.keyboard.type("@Bi")
    expect(ana.page.locator("#suggestions [role=option]").first).to_be_visible()
    ana.press("Enter")
    ana.page.keyboard.type("confere o frete?")
    ana.press("Enter")
    expect(bia.bubble("confere o frete?")).to_be_visible(timeout=SLOW)
    unread.click()
    expect(bia.page.locator("#notifications-body")).to_contain_text("Carla Nunes", timeout=SLOW)
    camera.shoot(bia.page, "mentioned")
    bia.press("Escape")


def a_voice_message_plays(ana: Desk, line: Line, camera: Camera) -> None:
    line.writes(CARLA, media={"kind": "audio", "voice": True})
    heard = ana.page.locator("[data-testid=thread-message][data-kind=audio] audio").last
    expect(heard).to_be_attached(timeout=SLOW)
    expect(heard).to_have_js_property("error", None)
    ended = """audio => new Promise((done, failed) => {
        audio.onended = () => done(audio.currentTime > 0);
        audio.onerror = () => failed(new Error('it cannot be played'));
        audio.play().catch(failed);
    })"""
    assert heard.evaluate(ended)
    camera.shoot(ana.page, "voice")


def what_failed_is_sent_again(ana: Desk, line: Line, camera: Camera) -> None:
    rule = {"when": {"recipient": CARLA, "text_contains": "rastreio"}, "do": REFUSED}
    line.strike([rule])
    ana.page.locator("#thread").focus()
    ana.page.locator("#composer-tab").click()
    ana.page.fill("[data-testid=composer-input]", "O rastreio é BR123.")
    ana.page.click("[data-testid=composer-send]")
    expect(ana.bubble("rastreio")).to_have_attribute("data-state", "failed", timeout=SLOW)
    expect(ana.bubble("rastreio").locator(".thread-reason")).to_be_visible()
    camera.shoot(ana.page, "failed")
    line.steer("DELETE", "faults")
    ana.bubble("rastreio").locator("[data-testid=send-again]").click()
    expect(ana.bubble("rastreio")).to_have_attribute("data-state", "read", timeout=SLOW)


def a_closed_window_offers_templates(bia: Desk, line: Line, camera: Camera) -> None:
    """Davi wrote yesterday; the callback comes today."""
    line.steer("POST", "settings", clock_offset=LONG_AGO)
    try:
        line.writes(DAVI, name="Davi Rocha", text="Vocês abrem aos domingos?")
    finally:
        line.steer("POST", "settings", clock_offset=0.0)
    bia.item("Davi Rocha").click(timeout=SLOW)
    expect(bia.page.locator("[data-window=closed]")).to_be_visible()
    bia.page.click("[data-testid=composer-template]")
    bia.page.locator("[data-testid=template-choice]").filter(
        has_text="lembrete_consulta"
    ).first.click()
    values = bia.page.locator("#template-dialog").get_by_role("textbox")
    expect(values).to_have_count(3)
    for place, value in enumerate(("Davi", "25/11", "14:30")):
        values.nth(place).fill(value)
    camera.shoot(bia.page, "template")
    bia.page.click("[data-testid=template-send]")
    sent = bia.page.locator("[data-testid=thread-message][data-kind=template]").last
    expect(sent).to_have_attribute("data-state", re.compile("sent|delivered|read"), timeout=SLOW)


def what_was_put_off_comes_back(ana: Desk, api: httpx.Client) -> None:
    """It leaves the list, and is back by itself when its time has come."""
    rows = api.get("conversations/").raise_for_status().json()["results"]
    davi = next(row for row in rows if row["contact"]["name"] == "Davi Rocha")
    until = (datetime.now(UTC) + timedelta(seconds=4)).isoformat()
    api.post(f"conversations/{davi['id']}/snooze/", json={"until": until}).raise_for_status()
    expect(ana.item("Davi Rocha")).to_have_count(0, timeout=SLOW)
    expect(ana.item("Davi Rocha")).to_be_visible(timeout=SLOW)


def search_finds_it(bia: Desk, camera: Camera) -> None:
    """By keyboard: words of a message, accents left out."""
    bia.page.locator("#thread").focus()
    bia.press("/")
    bia.page.keyboard.type("domingos")
    expect(bia.page.locator("#conversation-list mark").first).to_have_text("domingos", timeout=SLOW)
    camera.shoot(bia.page, "found")


def done_is_done(ana: Desk, bia: Desk) -> None:
    ana.page.locator("#thread").focus()
    ana.press("e")
    expect(ana.page.locator("[data-testid=conversation-reopen]")).to_be_visible(timeout=SLOW)
    bia.open_inbox()
    expect(bia.item("Davi Rocha")).to_be_visible()
    expect(bia.item("Carla Nunes")).to_have_count(0)


def nobody_is_shut_out(ana: Desk) -> None:
    """axe finds nothing serious on the pages of the day, now that they are full."""
    ana.open_inbox()
    ana.item("Davi Rocha").click()
    expect(ana.bubble("aos domingos")).to_be_visible()
    faults = {"inbox": grave(ana.page)}
    for path in PAGES:
        ana.page.goto(f"{ana.stack.url}/c/{ana.company}/{path}")
        faults[path] = grave(ana.page)
    assert {path: found for path, found in faults.items() if found} == {}


def grave(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html']}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
