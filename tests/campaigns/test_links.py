"""Tracked links: one for each recipient; people who follow it count once, machines never."""

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import links as codes
from campaigns import report
from campaigns.models import Campaign, Click, Link, LinkCode
from campaigns.services import links
from core import scope
from core.errors import NotFound
from core.ids import uuid7
from events.models import Event
from messaging.models import Message
from tenants.enums import CompanyState
from tenants.models import Company, Domain
from tests.campaigns.factories import a_campaign, a_connection, a_template
from tests.campaigns.test_lifecycle import contacts, run

TARGET = "https://example.com/ofertas?x=1"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"


@pytest.fixture
def campaign(company: Company) -> Campaign:
    """Begun, to two people, with an address among its variables."""
    contacts(2)
    return run(a_campaign(variables={"nome": {"value": TARGET}}))


def text_of(row: LinkCode, company: Company) -> str:
    return f"{company.link_prefix}{codes.code_text(row.code)}"


def test_codes_and_their_texts_belong_together() -> None:
    for code in (0, 1, 61, 62, next(codes.codes()), 2**47 - 1):
        assert codes.split("AAAA" + codes.code_text(code)) == ("AAAA", code)


@pytest.mark.parametrize(
    "text", ["", "AAAA", "AAAA1234567", "AAAA123456789", "AAAA1234567/", "é" * 12]
)
def test_anything_else_is_no_code(text: str) -> None:
    assert codes.split(text) is None


def test_each_recipient_gets_a_link_of_their_own(campaign: Campaign, company: Company) -> None:
    rows = list(LinkCode.objects.select_related("message", "link"))
    assert [link.url for link in Link.objects.all()] == [TARGET]
    assert len({row.code for row in rows}) == len(rows) == 2
    for row in rows:
        shown = links.base() + text_of(row, company)
        assert row.message.variables == {"nome": shown}
        assert row.message.content["body"] == f"Olá {shown}, temos uma oferta."


def test_without_tracking_the_address_stays(company: Company) -> None:
    contacts(1)
    run(a_campaign(variables={"nome": {"value": TARGET}}, tracks_links=False))
    assert Message.objects.get().variables == {"nome": TARGET}
    assert not LinkCode.objects.exists()


def test_a_button_of_ours_takes_the_code_alone(company: Company) -> None:
    contacts(1)
    button = {"type": "URL", "text": "Ver", "url": f"{links.base()}{{{{1}}}}"}
    template = a_template(
        a_connection(),
        components=[
            {"type": "BODY", "text": "Veja"},
            {"type": "BUTTONS", "buttons": [button]},
        ],
        variables=[{"name": "button_1", "example": "x", "where": "button:0", "type": "text"}],
    )
    run(a_campaign(template, variables={"button_1": {"value": TARGET}}))
    row = LinkCode.objects.get()
    message = Message.objects.get()
    assert message.variables == {"button_1": text_of(row, company)}
    assert message.content["buttons"][0]["url"] == links.base() + text_of(row, company)


def test_addresses_in_a_text_are_replaced_without_their_punctuation() -> None:
    tracker = codes.Tracker("https://our.example/l/", "AAAA")
    shown = tracker.text("Veja https://a.example/x, ou https://our.example/l/zz!", uuid7())
    [(code, address, _message)] = tracker.take()
    assert address == "https://a.example/x"
    ours = f"https://our.example/l/AAAA{codes.code_text(code)}"
    assert shown == f"Veja {ours}, ou https://our.example/l/zz!"


class TestFollowing:
    @pytest.fixture
    def row(self, campaign: Campaign) -> LinkCode:
        return LinkCode.objects.select_related("message").order_by("pk")[0]

    def test_it_leads_to_the_address(self, row: LinkCode, company: Company, client: Client) -> None:
        answer = client.get(f"/l/{text_of(row, company)}", headers={"User-Agent": PHONE})
        assert (answer.status_code, answer["Location"]) == (302, TARGET)
        assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")

    def test_a_recipient_counts_once_and_every_click_is_written_down(
        self, row: LinkCode, company: Company, campaign: Campaign
    ) -> None:
        for _ in range(3):
            links.follow(text=text_of(row, company), user_agent=PHONE)
        assert Click.objects.count() == 3
        assert Message.objects.filter(clicked_at__isnull=False).count() == 1
        assert Event.objects.filter(type="campaign.link_clicked").count() == 1
        assert report.links(campaign) == [{"url": TARGET, "clicks": 3, "people": 1}]

    @pytest.mark.parametrize(
        "agent",
        [
            "",
            "WhatsApp/2.23.20.0",
            "curl/8.4",
            "facebookexternalhit/1.1",
            "Mozilla/5.0 (compatible; Googlebot/2.1)",
            "TelegramBot (like TwitterBot)",
        ],
    )
    def test_machines_are_led_on_and_not_counted(
        self, row: LinkCode, company: Company, agent: str
    ) -> None:
        assert links.follow(text=text_of(row, company), user_agent=agent) == TARGET
        assert not Click.objects.exists()

    def test_asking_is_no_click(self, row: LinkCode, company: Company, client: Client) -> None:
        answer = client.head(f"/l/{text_of(row, company)}", headers={"User-Agent": PHONE})
        with scope.opened(company):
            assert (answer.status_code, Click.objects.count()) == (302, 0)

    def test_another_companys_prefix_knows_no_such_code(
        self, row: LinkCode, boreal: Company
    ) -> None:
        with pytest.raises(NotFound):
            links.follow(text=text_of(row, boreal), user_agent=PHONE)
        assert not Click.objects.exists()

    @pytest.mark.parametrize("state", [CompanyState.DELETED, CompanyState.SUSPENDED])
    def test_links_of_a_company_that_is_gone_or_suspended_are_not_valid_any_more(
        self, row: LinkCode, company: Company, client: Client, state: str
    ) -> None:
        Company.objects.filter(pk=company.pk).update(state=state)
        address = row.link.url
        headers = {"User-Agent": PHONE, "Accept-Language": "en"}
        answer = client.get(f"/l/{text_of(row, company)}", headers=headers)
        assert answer.status_code == 410
        assert "This link is not valid any more" in answer.content.decode()
        assert address not in answer.content.decode()
        with scope.opened(company):
            assert not Click.objects.exists()

    def test_an_unknown_link_says_so_kindly(self, client: Client, db: None) -> None:
        answer = client.get(
            reverse("tracked-link", args=["AAAA00000000"], urlconf="config.urls_platform")
        )
        assert answer.status_code == 404
        assert "Go to the start page" not in answer.content.decode()

    @pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://example.com/x", "//example.com"])
    def test_nothing_but_web_addresses_is_led_to(
        self, row: LinkCode, company: Company, url: str
    ) -> None:
        Link.objects.update(url=url)
        with pytest.raises(NotFound):
            links.follow(text=text_of(row, company), user_agent=PHONE)

    def test_letters_beyond_ascii_reach_the_browser_as_they_were_meant(
        self, row: LinkCode, company: Company, client: Client
    ) -> None:
        Link.objects.update(url="https://example.com/promoção?x=1&y=100%25#€")
        answer = client.get(f"/l/{text_of(row, company)}", headers={"User-Agent": PHONE})
        assert answer["Location"] == "https://example.com/promo%C3%A7%C3%A3o?x=1&y=100%25#%E2%82%AC"

    def test_a_companys_own_host_serves_its_links_and_no_others(
        self, row: LinkCode, company: Company, boreal: Company, client: Client
    ) -> None:
        Domain.objects.create(domain="loja.example", tenant=company)
        ours = client.get(f"/l/{text_of(row, company)}", headers={"Host": "loja.example"})
        assert (ours.status_code, ours["Location"]) == (302, links.base() + text_of(row, company))
        strange = client.get(f"/l/{text_of(row, boreal)}", headers={"Host": "loja.example"})
        assert strange.status_code == 404

    @pytest.mark.parametrize("odd", ["%0D%0AX", "%E2%82%AC", "%3Fx"])
    def test_a_companys_own_host_hands_on_what_is_no_link_as_it_came(
        self, company: Company, client: Client, odd: str
    ) -> None:
        Domain.objects.create(domain="loja.example", tenant=company)
        asked = f"{company.link_prefix}{odd}"
        answer = client.get(f"/l/{asked}", headers={"Host": "loja.example"})
        assert (answer.status_code, answer["Location"]) == (302, links.base() + asked)
