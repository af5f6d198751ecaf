"""Voice notes in a browser: one that came is played, one is recorded, heard and sent.

Chromium's own microphone beeps once a second.
"""

import base64
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import DESK, PHONE, Camera
from tests.e2e.line import Line
from tests.e2e.stack import Stack
from tests.messaging.recordings import recording

OpenBrowser = Callable[..., BrowserContext]

CUSTOMER = "5511972010001"
SLOW = 60_000
# What a browser answers whose reader said no, or that has no microphone.
REFUSALS = {
    "NotAllowedError": "não pode usar o microfone",
    "NotFoundError": "Nenhum microfone foi encontrado",
}


@pytest.fixture(scope="module")
def line(stack: Stack) -> Line:
    return Line(stack, 8)


@pytest.fixture(scope="module")
def address(stack: Stack, line: Line) -> str:
    """The inbox of a company of its own, to whom Ana just sent a voice note of four seconds."""
    company = stack.add_company("Loja das Vozes")
    line.connect(stack.api(company))
    spoken = base64.b64encode(recording("ogg", seconds=4)).decode()
    media = {"kind": "audio", "base64": spoken, "voice": True}
    line.writes(CUSTOMER, name="Ana Souza", media=media)
    return f"{stack.url}/c/{company}/inbox/"


def test_a_voice_note_is_played_and_one_is_recorded_heard_and_sent(
    stack: Stack, line: Line, address: str, open_browser: OpenBrowser, camera: Camera
) -> None:
    page = open_browser(viewport=DESK).new_page()
    open_thread(page, stack, address)
    play_what_came(page, camera)
    record_and_send(page, camera)
    throw_one_away(page)
    page.set_viewport_size(PHONE)
    camera.shoot(page, "on-a-phone")
    heard = [(one["direction"], one["media"]["voice"]) for one in line.phone(CUSTOMER)]
    assert heard == [("out", True), ("in", True)]  # as the customer's phone sees it


@pytest.mark.parametrize(("error", "sentence"), REFUSALS.items())
def test_a_microphone_that_cannot_be_had_is_explained(
    stack: Stack, address: str, open_browser: OpenBrowser, error: str, sentence: str
) -> None:
    page = open_browser(viewport=DESK).new_page()
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = "
        f"() => Promise.reject(new DOMException('', '{error}'))"
    )
    open_thread(page, stack, address)
    page.get_by_test_id("record").click()
    expect(page.get_by_role("alert").filter(has_text=sentence)).to_be_visible()
    expect(page.get_by_test_id("composer-input")).to_be_visible()


def open_thread(page: Page, stack: Stack, address: str) -> None:
    stack.sign_in(page.context)
    page.goto(address)
    page.locator("#conversation-list .row-item", has_text="Ana Souza").click(timeout=SLOW)
    expect(page.get_by_test_id("composer-input")).to_be_visible()


def play_what_came(page: Page, camera: Camera) -> None:
    """By keyboard alone: play, faster, seek, pause."""
    player = page.locator("[data-direction=in] [data-player]")
    expect(player.locator("[data-time]")).to_have_text("0:04", timeout=SLOW)
    player.locator("[data-play]").focus()
    page.keyboard.press("Space")
    expect(player).to_have_attribute("data-playing", "")
    player.locator("[data-speed]").focus()
    page.keyboard.press("Enter")
    expect(player.locator("[data-speed]")).to_have_text("1,5\u00d7")
    assert player.locator("audio").evaluate("sound => sound.playbackRate") == 1.5
    player.locator("[data-play]").focus()
    page.keyboard.press("Space")
    expect(player).not_to_have_attribute("data-playing", "")
    seek = player.locator("[data-seek]")
    seek.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(seek).to_have_attribute("aria-valuetext", "0:02 de 0:04")
    camera.shoot(page, "received")


def record_and_send(page: Page, camera: Camera) -> None:
    """Recorded for two seconds or, where the machine is slow, some more; heard, sent: it comes
    back as a bubble that can be played."""
    page.get_by_test_id("record").focus()
    page.keyboard.press("Enter")
    panel = page.get_by_test_id("recorder")
    expect(panel.locator("[data-record-time]")).to_have_text("0:02")
    camera.shoot(page, "recording")
    expect(page.get_by_test_id("record-stop")).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel.locator("[data-time]")).to_have_text(re.compile("0:0[2-9]"))
    expect(panel.locator("[data-play]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel.locator("[data-player]")).to_have_attribute("data-playing", "")
    camera.shoot(page, "heard")
    page.get_by_test_id("record-send").click()
    sent = page.locator("[data-direction=out][data-id] [data-player]")
    expect(sent.locator("[data-time]")).to_have_text(re.compile("0:0[2-9]"), timeout=SLOW)
    expect(panel).to_be_hidden()
    expect(page.locator(".thread-item[data-direction=out][data-state=read]")).to_be_visible(
        timeout=SLOW
    )
    camera.shoot(page, "sent")


def throw_one_away(page: Page) -> None:
    page.get_by_test_id("record").click()
    expect(page.get_by_test_id("recorder")).to_be_visible()
    page.get_by_test_id("record-discard").click()
    expect(page.get_by_test_id("recorder")).to_be_hidden()
    expect(page.get_by_test_id("composer-input")).to_be_focused()
