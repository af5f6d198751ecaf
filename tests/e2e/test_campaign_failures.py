"""A campaign in trouble, in a browser: six kinds of failures, each in words, each with what helps.

Set up through the API, told what to do wrong through the sandbox, then looked at by a person.
"""

import csv
import io
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import DESK, PHONE, Camera
from tests.e2e.line import Line
from tests.e2e.stack import Stack

OpenBrowser = Callable[..., BrowserContext]

SLOW = 60_000
# Receipts come late, so that the lost answer is still unclear when somebody looks.
LATE = {"sent": 45.0, "delivered": 46.0, "read": 47.0}
USUAL = {"sent": 0.2, "delivered": 0.8, "read": 2.0}
FAULTS = {
    "+5511972000001": "error:131050",  # stopped marketing
    "+5511972000002": "error:131026",  # undeliverable
    "+5511972000003": "error:131049",  # held back for the ecosystem's health
    "+5511972000004": "reset_after_read",  # the answer is lost
    "+5511972000005": "error:132015",  # the template is paused
}
RECIPIENTS = 40
WELCOME = ("boas_vindas", "pt_BR")
# The cause's code as the report has it → the step that it offers.
STEPS = {
    "131050": "contacts",
    "131026": "contacts",
    "131049": "wait",
    "132015": "template",
    "no_consent": "contacts",
    "no_answer": "wait",
}
# What had not left when the template was paused waits for it; how many depends on the moment.
HELD_BACK = "template_paused"


class Api:
    """The product's API as the demo's owner, in one company."""

    def __init__(self, stack: Stack, company: str) -> None:
        self.client = stack.api(company)

    def __call__(self, method: str, path: str, **kwargs: Any) -> Any:
        answer = self.client.request(method, path, **kwargs)
        assert not answer.is_error, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else {}

    def wait(self, path: str, is_done: Callable[[Any], bool]) -> Any:
        for _ in range(240):
            value = self("GET", path)
            if is_done(value):
                return value
            time.sleep(0.25)
        raise AssertionError(f"{path} took too long: {value}")


def contacts_csv() -> bytes:
    rows = [f"Cliente {number};(11) 97200-{number:04}" for number in range(1, RECIPIENTS + 1)]
    return "\n".join(["Nome;Telefone", *rows]).encode()


@pytest.fixture
def company(stack: Stack) -> str:
    """A company of its own, connected to a number of its own."""
    return stack.add_company("Loja das Falhas")


@pytest.fixture
def line(stack: Stack) -> Iterator[Line]:
    """A number at which the provider does wrong what `FAULTS` says."""
    line = Line(stack, 7)
    line.strike([{"when": {"recipient": phone}, "do": fault} for phone, fault in FAULTS.items()])
    line.steer("POST", "settings", delays=LATE)
    yield line
    line.steer("POST", "settings", delays=USUAL)
    line.steer("DELETE", "faults")


@pytest.fixture
def campaign(stack: Stack, company: str, line: Line) -> str:
    """The id of a campaign that has run into everything, in the page's address."""
    api = Api(stack, company)
    connection = line.connect(api.client)
    consent = {"tags": "clientes", "opt_in_source": "cadastro na loja"}
    file = {"file": ("clientes.csv", contacts_csv())}
    batch = api("POST", "contacts/import/", files=file, data=consent)
    api("POST", "contacts/", json={"name": "Sem permissão", "phone": "+5511973000001"})
    api.wait(f"imports/{batch['id']}/", lambda value: value["state"] == "done")
    found = api.wait("templates/", lambda value: value["results"])["results"]
    template = next(one for one in found if (one["name"], one["language"]) == WELCOME)
    created = api(
        "POST",
        "campaigns/",
        json={
            "name": "Ofertas com percalços",
            "connection": connection,
            "template": template["id"],
            "variables": {"1": {"field": "first_name"}, "2": {"value": "AURORA10"}},
            "audience": {"all": True},
        },
    )
    path = f"campaigns/{created['id']}/"
    api("POST", f"{path}start/")
    api.wait(path, lambda value: value["state"] == "paused" and not value["counts"]["sending"])
    return str(created["id"])


def test_each_failure_in_words_with_what_helps_and_a_file_of_all(
    stack: Stack, company: str, campaign: str, open_browser: OpenBrowser, camera: Camera
) -> None:
    context = open_browser(viewport=DESK, accept_downloads=True)
    stack.sign_in(context)
    page = context.new_page()
    page.goto(f"{stack.url}/c/{company}/campaigns/")
    page.get_by_role("link", name="Ofertas com percalços").click()
    check_the_pause(page)
    check_the_causes(page)
    camera.shoot(page, "report")
    page.set_viewport_size(PHONE)
    camera.shoot(page, "report-on-a-phone")
    page.set_viewport_size(DESK)
    check_the_story(page, camera)
    check_the_export(page, camera)
    check_the_resend(page, camera)


def check_the_pause(page: Page) -> None:
    """The template is in trouble: the campaign says so and leads there."""
    state = page.locator("[data-testid=campaign-state]")
    expect(state).to_have_attribute("data-state", "paused")
    banner = page.locator("[data-testid=paused-by-itself]")
    expect(banner).to_be_visible()
    expect(banner.get_by_role("link")).to_have_attribute(
        "href", re.compile("/templates/[0-9a-f-]+/")
    )


def check_the_causes(page: Page) -> None:
    """Every cause is a sentence, and offers the step that helps."""
    causes = page.locator("[data-testid=cause]")
    for code, step in STEPS.items():
        cause = page.locator(f"[data-testid=cause][data-code='{code}']")
        expect(cause.locator("[data-testid=next-step]")).to_have_attribute("data-step", step)
    codes = {cause.get_attribute("data-code") for cause in causes.all()}
    assert codes - {HELD_BACK} == set(STEPS)
    for sentence in causes.locator(".cause-title b").all_inner_texts():
        assert re.fullmatch(r"\D{20,}", sentence), sentence


def check_the_story(page: Page, camera: Camera) -> None:
    """From a cause to its contacts, to what happened to one of them, to why."""
    page.locator("[data-testid=cause][data-code=no_consent] a").first.click()
    page.wait_for_url(re.compile("/recipients/.*code=no_consent"))
    expect(page.locator("#recipient-rows tr")).to_have_count(1)
    page.locator("[data-testid=story]").click()
    story = page.locator("#story-body")
    expect(story.locator(".story li").first).to_be_visible()
    story.locator("a[href*='/why/']").click()
    expect(page.locator("#why-body")).not_to_be_empty()
    camera.shoot(page, "why")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")


def check_the_export(page: Page, camera: Camera) -> None:
    """The file comes by itself and has everybody."""
    page.select_option("#recipient-code", "")
    expect(page.locator("#recipient-rows tr")).to_have_count(RECIPIENTS + 1)
    page.locator("[popovertarget=export-menu]").click()
    page.locator("[data-testid=export-csv]").click()
    ready = page.locator("[data-testid=export][data-state=done] a")
    expect(ready).to_be_visible(timeout=SLOW)
    camera.shoot(page, "export")
    with page.expect_download() as download:
        ready.click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";" if ";" in text else ","))
    assert len(rows) == RECIPIENTS + 2  # with the head


def check_the_resend(page: Page, camera: Camera) -> None:
    """Whoever may be tried again is, by a campaign of its own."""
    page.locator(".tab-bar a").first.click()
    first = page.url
    page.locator("[data-testid=resend-all]").click()
    expect(page.locator(".stepper")).to_be_visible()
    assert page.url != first
    camera.shoot(page, "again")
