"""A shop's PIX charges in a browser: an address for the shop, its post mapped by clicking, the flow
built and published; then charges are made, paid, told twice and in the wrong order.

The phones show exactly the right messages, and the log of each run says why.
"""

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.e2e.conftest import Camera
from tests.e2e.line import Line
from tests.e2e.stack import Stack

OpenBrowser = Callable[..., BrowserContext]

ANA, BRUNO, CELIA, DAVI = (f"+551197600000{digit}" for digit in range(1, 5))
PEOPLE = {ANA: "Ana Prado", BRUNO: "Bruno Reis", CELIA: "Célia Dias", DAVI: "Davi Rocha"}
CODE = "00020126580014br.gov.bcb.pix0136a629532e-7693-4846-852d-1bbff817b5a8"
SLOW = 30_000
REMINDER, THANKS, OFFER = "esperando", "Pagamento recebido", "PIX expirou"
TEMPLATE = "boas_vindas"
NOBODY = "+5511976000009"
# Where the shop writes what, in words of its own.
PLACES = {
    "kind": "aviso.assunto",
    "phone": "quem.contato",
    "name": "quem.chamado",
    "order_id": "cobranca.registro",
    "amount": "cobranca.quanto",
    "pix_code": "cobranca.copia",
    "event_id": "aviso.codigo",
}
KINDS = {
    "cobranca_nova": "pix.created",
    "cobranca_paga": "pix.paid",
    "cobranca_caducou": "pix.expired",
}


@pytest.fixture
def company(stack: Stack) -> str:
    return stack.add_company("Loja do Pix")


@pytest.fixture
def line(stack: Stack, company: str) -> Line:
    """Four customers who wrote today, at a number that is connected."""
    line = Line(stack, 11)
    line.connect(stack.api(company))
    for person, name in PEOPLE.items():
        line.writes(person, text="Quero comprar", name=name)
    return line


@pytest.fixture
def page(stack: Stack, company: str, line: Line, open_browser: OpenBrowser) -> Page:
    context = open_browser(reduced_motion="reduce")
    stack.sign_in(context)
    page = context.new_page()
    page.goto(f"{stack.url}/c/{company}/")
    return page


def test_charges_are_reminded_of_thanked_for_and_offered_again(
    stack: Stack, company: str, page: Page, line: Line, camera: Camera
) -> None:
    shop = Shop(an_address_for_the_shop(page, camera))
    its_posts_are_mapped_by_clicking(page, shop, camera)
    the_flow_is_built_and_published(page, company, camera)

    # Paid before anybody was reminded, and all of it told twice.
    for event in ("cobranca_nova", "cobranca_nova", "cobranca_paga", "cobranca_paga"):
        shop.posts(event, BRUNO, 2)
    # The payment comes before the charge that it pays.
    shop.posts("cobranca_paga", CELIA, 3)
    shop.posts("cobranca_nova", CELIA, 3)
    line.shows(BRUNO, THANKS)
    line.shows(CELIA, THANKS)

    # Nobody pays for half an hour; then one does, and the other one's code expires.
    for number, person in ((1, ANA), (4, DAVI)):
        shop.posts("cobranca_nova", person, number)
    page.goto(f"{stack.url}/c/{company}/automations/runs/")
    for person in (ANA, DAVI):
        the_run_of(page, person, "Aguardando")
    half_an_hour_passes(stack, company)
    for person in (ANA, DAVI):
        line.shows(person, REMINDER, CODE)
    shop.posts("cobranca_paga", ANA, 1)
    shop.posts("cobranca_caducou", DAVI, 4)
    shop.posts("cobranca_caducou", ANA, 1)  # too late to mean anything
    line.shows(ANA, REMINDER, CODE, THANKS)
    line.shows(DAVI, REMINDER, CODE, OFFER)

    for person in (BRUNO, CELIA):
        assert len(line.texts(person)) == 1
    the_log_says_why(page, stack, company, camera)


class Shop:
    """The system that posts."""

    def __init__(self, address: str) -> None:
        self.address = address

    def posts(self, event: str, person: str, number: int) -> None:
        """The same event of the same charge is the same post."""
        body = {
            "aviso": {"codigo": f"{event}-{number}", "assunto": event},
            "quem": {"chamado": PEOPLE.get(person, "Teste"), "contato": person},
            "cobranca": {"registro": f"P-{number}", "quanto": "97,50", "copia": CODE},
        }
        httpx.post(self.address, json=body, timeout=30).raise_for_status()


def an_address_for_the_shop(page: Page, camera: Camera) -> str:
    page.locator("nav a[href$='/webhooks/']").first.click()
    page.locator("main a[href$='/webhooks/sources/']").first.click()
    page.locator("[data-testid=new-source]").first.click()
    page.locator("[data-testid=preset-custom]").click()
    page.locator("[data-testid=source-form] input[name=name]").fill("Minha loja")
    page.locator("[data-testid=source-form] [name=scheme]").first.select_option("none")
    page.locator("[data-testid=create-source]").click()
    address = page.locator("[data-testid=address] input")
    expect(address).to_be_visible()
    camera.shoot(page, "source")
    return address.input_value()


def its_posts_are_mapped_by_clicking(page: Page, shop: Shop, camera: Camera) -> None:
    """The first posts are of no use: nobody knows what they mean. Then somebody shows it."""
    for event in KINDS:
        shop.posts(event, NOBODY, 9)
    expect(page.locator("[data-testid=posts] tr[data-href]")).to_have_count(3, timeout=SLOW)
    page.locator("[data-testid=map]").click()
    for target, place in PLACES.items():
        page.locator(f"[data-testid=target-{target}]").click()
        page.locator(f"[data-testid='leaf-{place}']").click()
        expect(page.locator(f"[data-testid=select-{target}]")).to_have_value(place)
    camera.shoot(page, "mapped")
    page.locator("input[name=reread]").uncheck()
    page.locator("[data-testid=save-mapping]").click()
    page.locator("[data-testid=map]").click()
    for said, kind in KINDS.items():
        page.locator(f"[data-testid='kind-{said}']").select_option(kind)
    page.locator("[data-testid=try]").click()
    expect(page.locator("#tried")).to_contain_text("PIX")
    camera.shoot(page, "tried")
    page.locator("input[name=reread]").uncheck()
    page.locator("[data-testid=save-mapping]").click()
    expect(page.locator("[data-testid=map]")).to_be_visible()


def the_flow_is_built_and_published(page: Page, company: str, camera: Camera) -> None:
    """The ready-made one; what is still open in it is said where it stands."""
    page.locator("nav a[href$='/automations/']").first.click()
    page.get_by_role("button", name=re.compile("PIX")).first.click()
    expect(page.locator("#builder")).to_be_visible()
    publish, still_open = page.locator("[name=then][value=publish]"), page.locator("[data-invalid]")
    cards = page.locator(".flow-card").and_(still_open)
    for left in (4, 3, 2, 1):  # where the window is closed, a template goes out
        publish.click()
        expect(cards).to_have_count(left)
        camera.shoot(page, f"still-open-{left}")
        cards.first.locator(".flow-open").click()
        form = page.locator("#card-form")
        template = form.locator("[name=template]")
        option = template.locator("option").filter(has_text=TEMPLATE).first
        template.select_option(option.get_attribute("value"))
        expect(form.locator("[data-takes-variables]")).to_have_count(2)
        for value in form.locator("[data-takes-variables]").all():
            value.fill("cliente")
        form.locator("button[type=submit]").click()
        expect(form).to_be_hidden()
    publish.click()
    expect(page.locator("[hx-get$='/off/']").first).to_be_visible()
    camera.shoot(page, "published")


def the_run_of(page: Page, person: str, state: str) -> Locator:
    """Its line in the log, once it is in that state."""
    line = page.locator("tr[data-href]").filter(has_text=PEOPLE[person])
    for _ in range(40):
        if line.count() and state in line.first.inner_text():
            return line.first
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(f"{person} is not {state}")


def half_an_hour_passes(stack: Stack, company: str) -> None:
    """For those who wait: their time has come."""
    stack.manage(
        "shell",
        "-c",
        "from core import agenda, scope; from django.db import transaction; "
        "from django.utils.timezone import now; from tenants.models import Company; "
        "from webhooks.automations.agenda import RUN; from webhooks.automations.models import Run\n"
        f"with scope.opened(Company.objects.get(slug='{company}')), transaction.atomic():\n"
        "    Run.objects.filter(state='waiting').update(wake_at=now(), wait_until=now())\n"
        "    agenda.append(RUN)",
    )


def the_log_says_why(page: Page, stack: Stack, company: str, camera: Camera) -> None:
    page.goto(f"{stack.url}/c/{company}/automations/runs/")
    the_run_of(page, DAVI, "Pronto").click()
    trace = page.locator(".trace")
    expect(trace).to_contain_text("expirou")
    expect(trace.locator("[data-held=no]").first).to_be_visible()
    camera.shoot(page, "why-an-offer")
    page.goto(f"{stack.url}/c/{company}/automations/runs/")
    the_run_of(page, CELIA, "Pronto").click()
    expect(page.locator(".trace")).to_contain_text("Pagamento recebido")
    camera.shoot(page, "why-thanks")
