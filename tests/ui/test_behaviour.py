"""What the scripts promise, in a real browser under the page's security policy."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.ui.conftest import SITE

pytestmark = pytest.mark.e2e

REGION = (
    '<div id="region" data-live-topic="campaign:7" hx-get="/region" hx-trigger="live">old</div>'
)


@pytest.fixture
def asked(answers):
    """The shell with a live region; counts how often the region was fetched."""
    answers["/shell"] = answers["/shell"].replace("</main>", f"{REGION}</main>")
    counted = []

    def region(route):
        counted.append(route.request.url)
        return f"<p>fetched {len(counted)}</p>"

    answers["/region"] = region
    answers["/badges"] = answers["/notifications/unread/"] = ""
    return counted


@pytest.fixture
def line(chromium, monkeypatch):
    """A server's end of the socket: what it heard, and the connections to speak on."""
    ends = {"heard": [], "open": []}

    def serve(page):
        def accept(socket):
            ends["open"].append(socket)

            def heard(text):
                message = json.loads(text)
                ends["heard"].append(message)
                if message["op"] == "subscribe":
                    cursor = message["cursor"] or "5-0"
                    frame = {"event": "subscribed", "topics": message["topics"], "cursor": cursor}
                    socket.send(json.dumps(frame))

            socket.on_message(heard)

        page.context.route_web_socket(re.compile("/ws/"), accept)
        page.goto(SITE + "/shell")
        expect(page.locator("html")).to_have_attribute("data-live", "socket")
        return ends

    return serve


def test_a_hint_of_its_topic_makes_a_region_fetch_itself(open_page, asked, line):
    page = open_page("/missing")
    ends = line(page)
    # Of an unknown moment: fetched once more when the line stands.
    expect(page.locator("#region")).to_have_text("fetched 1")
    hint = {"topic": "campaign:7", "event": "progressed", "id": "x", "cursor": "6-0"}
    ends["open"][0].send(json.dumps({**hint, "topic": "campaign:8"}))
    ends["open"][0].send(json.dumps(hint))
    expect(page.locator("#region")).to_have_text("fetched 2")
    assert ends["heard"][0] == {
        "op": "subscribe",
        "topics": ["campaign:7", "inbox", "notifications:1"],
        "cursor": None,
    }


def test_a_broken_line_comes_back_with_the_cursor_it_had(open_page, asked, line):
    page = open_page("/missing")
    ends = line(page)
    expect(page.locator("#region")).to_have_text("fetched 1")
    ends["open"][0].close(code=1011)
    expect(page.locator("html")).to_have_attribute("data-live", "connecting")
    expect(page.locator("html")).to_have_attribute("data-live", "socket")
    assert ends["heard"][-1]["cursor"] == "5-0"


def test_where_no_socket_is_reached_the_page_polls(open_page, answers, asked):
    events = [{"topic": "campaign:7", "event": "progressed", "id": "x"}]
    known = []

    def poll(route):
        known.append("since=1-0" in route.request.url)
        return {"cursor": "1-0", "events": events if known[-1] else [], "reset": False}

    answers["/live"] = poll
    answers["/shell"] = answers["/shell"].replace("ws://ui.test", "ws://127.0.0.1:1")
    page = open_page("/shell")
    expect(page.locator("html")).to_have_attribute("data-live", "polling")
    expect(page.locator("#region")).to_have_text("fetched 2", timeout=10_000)
    assert known[:2] == [False, True]


def test_an_ended_session_says_so_and_stops(open_page, asked, line):
    page = open_page("/missing")
    ends = line(page)
    ends["open"][0].close(code=4401)
    expect(page.locator(".toast-card")).to_contain_text("Your session has ended")
    expect(page.locator("html")).to_have_attribute("data-live", "off")


def test_a_badge_is_refreshed_everywhere_it_stands(open_page, answers, asked, line):
    answers["/badges"] = (
        '<template hx type="partial" hx-target="[data-badge=\'inbox\']" hx-swap="outerHTML">'
        '<span class="count" data-badge="inbox">13</span></template>'
    )
    page = open_page("/missing")
    line(page)
    expect(page.locator("[data-badge=inbox]")).to_have_text(["13", "13", "13"])


def test_a_toast_shows_a_name_as_text(open_page):
    page = open_page("/gallery")
    page.click("[data-gallery-toast]")
    expect(page.locator(".toast-card")).to_contain_text("<b>text</b>")


def test_the_theme_is_kept_by_the_device(open_page):
    page = open_page("/gallery")
    page.click("[data-set-theme=dark]")
    page.reload()
    expect(page.locator("html")).to_have_class(re.compile("dark"))


def test_a_dangerous_deed_needs_the_number_typed(open_page):
    page = open_page("/gallery")
    page.get_by_role("button", name="Typed confirm").click()
    yes = page.locator("#confirm [data-part=yes]")
    expect(yes).to_be_disabled()
    page.fill("#confirm-input", "13000")
    expect(yes).to_be_enabled()
    page.keyboard.press("Escape")
    assert page.url == SITE + "/gallery"


def test_the_palette_finds_pages_without_their_accents_and_asks_the_server(open_page, answers):
    answers["/search"] = '<a class="palette-item" role="option" href="/contacts/1">Clívia Dias</a>'
    page = open_page("/shell")
    page.keyboard.press("Control+k")
    page.keyboard.type("clinica")
    expect(page.locator("#palette [data-local] [role=option]:visible")).to_have_text(
        re.compile("Clínica Vida")
    )
    expect(page.locator("#palette-found")).to_have_text("Clívia Dias")


def test_keys_move_through_a_menu(open_page):
    page = open_page("/gallery")
    page.locator("[popovertarget=head-menu]").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Duplicate")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Cancel campaign")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#head-menu")).to_be_hidden()


def test_a_request_that_fails_leaves_the_page_and_says_so(open_page, answers):
    answers["/shell"] = answers["/shell"].replace(
        "</main>", '<button id="go" hx-get="/nowhere">still here</button></main>'
    )
    page = open_page("/shell")
    page.click("#go")
    expect(page.locator(".toast-card")).to_contain_text("That did not work")
    expect(page.locator("#go")).to_have_text("still here")
