"""The README's tour, in a browser: from the first sign-in to a customer's answer and our reply.

Once with the socket, once with its port closed (the page then polls). Every step is photographed.
"""

import io
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import Camera
from tests.e2e.stack import Stack

OpenBrowser = Callable[..., BrowserContext]

CUSTOMER = "+5511970000007"
QUESTION = "Oi! Quero saber mais sobre a oferta."
ANSWER = "Claro! Aqui está o catálogo."
SLOW = 90_000
NUMBERS = {"socket": "106540352242922", "polling": "106540352242923"}  # the sandbox's


def contacts_csv() -> bytes:
    """1,000 contacts as Excel in Brazil writes them; 20 have a number that cannot exist."""
    out = io.StringIO()
    out.write("Nome;Telefone;Cidade\r\n")
    for number in range(1000):
        phone = "123" if number % 50 == 0 else f"(11) 9{70000000 + number}"
        out.write(f"Cliente {number};{phone};São Paulo\r\n")
    return out.getvalue().encode("cp1252")


def submit(page: Page) -> None:
    page.locator("main form button[type=submit]:visible").last.click()


class Tour:
    """One person's way through the product; each method is a step of the README."""

    def __init__(self, page: Page, stack: Stack, company: str, camera: Camera) -> None:
        self.page, self.stack, self.company, self.camera = page, stack, company, camera

    def at(self, path: str) -> str:
        return f"{self.stack.url}/c/{self.company}/{path}"

    def go(self, path: str) -> None:
        self.page.goto(self.at(path))

    def sign_in(self) -> None:
        self.page.goto(self.stack.url)
        self.camera.shoot(self.page, "sign-in")
        self.page.fill("input[name=login]", self.stack.email)
        self.page.fill("input[name=password]", self.stack.password)
        submit(self.page)
        self.page.wait_for_url(re.compile(r"/c/|/$"))
        self.go("")
        self.camera.shoot(self.page, "home")

    def connect_the_sandbox(self, number: str) -> None:
        self.go("connections/new/values/?sandbox=1")
        self.page.fill("input[name=number_id]", number)
        self.camera.shoot(self.page, "connect")
        submit(self.page)
        self.page.wait_for_url(re.compile(r"/connections/[0-9a-f-]{36}/"))
        self.camera.shoot(self.page, "connected")

    def import_contacts(self) -> None:
        self.go("contacts/imports/new/")
        file = {"name": "clientes.csv", "mimeType": "text/csv", "buffer": contacts_csv()}
        self.page.set_input_files("input[type=file]", [file])  # type: ignore[list-item]
        submit(self.page)
        self.page.fill("input[name=tags]", "clientes")
        self.page.fill("input[name=opt_in_source]", "cadastro na loja")
        self.page.check("input[name=confirms]")
        self.camera.shoot(self.page, "import-mapping")
        submit(self.page)
        progress = self.page.locator("#progress")
        expect(progress).to_contain_text("980", timeout=SLOW)
        expect(progress).to_contain_text("20")
        self.camera.shoot(self.page, "import-report")

    def sync_templates(self) -> None:
        self.go("templates/")
        self.page.locator("form[action$='/templates/sync/'] button:visible").first.click()
        expect(self.page.locator("main tbody tr, main [data-template]").first).to_be_visible(
            timeout=SLOW
        )
        self.camera.shoot(self.page, "templates")

    def prepare_campaign(self) -> None:
        self.go("campaigns/new/")
        self.page.fill("input[name=name]", "Ofertas de novembro")
        expect(self.page.locator("#audience-count b")).to_have_text("980")
        self.camera.shoot(self.page, "audience")
        self.next()
        greetings = self.page.locator(".picker-item", has_text="boas_vindas")
        greetings.filter(has_text="Português (Brasil)").click()
        expect(self.page.locator("select[name='A-var-1-source']")).to_have_value("first_name")
        self.page.select_option("select[name='A-var-1-empty']", "fill")
        self.page.fill("input[name='A-var-1-fallback']", "cliente")
        for value in self.page.locator("input[name$='-value']:visible").all():
            value.fill("AURORA10")
        expect(self.page.locator("#preview")).to_contain_text("AURORA10")
        self.camera.shoot(self.page, "message")
        self.next()
        self.camera.shoot(self.page, "when")
        self.next()
        expect(self.page.locator("[data-count='980']").first).to_be_visible(timeout=SLOW)
        self.camera.shoot(self.page, "check")
        self.next()

    def next(self) -> None:
        self.page.locator("[data-testid=step-next]").click()

    def send_campaign(self) -> None:
        start = self.page.locator("[data-testid=campaign-start]")
        expect(start).to_contain_text("980", timeout=SLOW)
        self.camera.shoot(self.page, "send")
        start.click()
        state = self.page.locator("[data-testid=campaign-state]")
        expect(state).to_have_attribute("data-state", "running", timeout=SLOW)
        self.page.locator("[hx-post$='/pause/']").click()
        expect(state).to_have_attribute("data-state", "paused")
        self.camera.shoot(self.page, "paused")
        self.page.locator("[hx-post$='/resume/']").click()
        expect(state).to_have_attribute("data-state", re.compile("running|completed"))
        self.camera.shoot(self.page, "sending")
        sent = self.page.locator("#count-sent")
        expect(sent).to_have_attribute("data-count", "980", timeout=SLOW)
        expect(state).to_have_attribute("data-state", "completed", timeout=SLOW)
        self.camera.shoot(self.page, "sent")

    def talk(self, phone: Page, number: str) -> None:
        self.go("inbox/")
        phone.goto(f"{self.stack.sandbox}/?connection={number}&contact={CUSTOMER.lstrip('+')}")
        phone.fill("[data-testid=phone-input]", QUESTION)
        phone.click("[data-testid=phone-send]")
        item = self.page.locator("[data-testid=conversation-item]").first
        expect(item).to_contain_text("Quero saber mais", timeout=SLOW)
        self.camera.shoot(self.page, "inbox")
        item.click()
        thread = self.page.locator("[data-testid=thread-message]")
        expect(thread.filter(has_text=QUESTION)).to_be_visible()
        self.page.fill("[data-testid=composer-input]", ANSWER)
        self.page.click("[data-testid=composer-send]")
        reply = thread.filter(has_text=ANSWER)
        expect(reply).to_have_attribute("data-state", "read", timeout=SLOW)
        self.camera.shoot(self.page, "conversation")
        bubble = phone.locator("[data-testid=phone-message]").filter(has_text=ANSWER)
        expect(bubble).to_be_visible()
        expect(bubble).to_have_attribute("data-direction", "in")
        self.camera.shoot(phone, "phone")


@pytest.mark.parametrize("line", ["socket", "polling"])
def test_the_main_job_in_a_browser(
    line: str, stack: Stack, second_company: str, open_browser: OpenBrowser, camera: Camera
) -> None:
    context = open_browser()
    page = context.new_page()
    if line == "polling":
        page.route_web_socket(re.compile("."), lambda socket: socket.close())
    company = stack.company if line == "socket" else second_company
    number = NUMBERS[line]
    tour = Tour(page, stack, company, camera)
    tour.sign_in()
    tour.connect_the_sandbox(number)
    tour.import_contacts()
    tour.sync_templates()
    tour.prepare_campaign()
    tour.send_campaign()
    tour.talk(open_browser(viewport={"width": 900, "height": 860}).new_page(), number)
    expect(page.locator("html")).to_have_attribute("data-live", line)
