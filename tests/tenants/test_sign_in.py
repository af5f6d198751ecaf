"""Sign-up, sign-in and reset: uniform for strangers, limited for the impatient."""

import re
from typing import Any

from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from tenants.models import Company, Person
from tests.conftest import make_member

PASSWORD = "correct-horse-battery"
NEW_PASSWORD = "another-long-secret"
SIGN_UP = {"name": "Ana Lima", "email": "ana@example.com", "password1": "a-long-enough-secret"}
_CHANGING = re.compile(rb'(csrfmiddlewaretoken" value|X-CSRFToken|value)[^>]+')


def body(answer: Any) -> bytes:
    return _CHANGING.sub(b"", answer.content)


def sign_in(client: Client, email: str, password: str) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password})


def mailed_path() -> str:
    found = re.search(r"http://localhost:5000(/accounts/\S+)", str(mail.outbox[-1].body))
    assert found
    return found.group(1)


def test_from_sign_up_over_the_mail_to_a_company_of_ones_own(db: None) -> None:
    client = Client()
    assert client.post("/accounts/signup/", SIGN_UP).status_code == 302
    assert sign_in(client, SIGN_UP["email"], SIGN_UP["password1"])["Location"].endswith(
        "/accounts/confirm-email/"
    )  # not before the address is confirmed
    assert client.get("/")["Location"] == "/accounts/login/?next=/"
    confirm = mailed_path()
    assert client.get(confirm).status_code == 200
    assert not EmailAddress.objects.get(email=SIGN_UP["email"]).verified  # mail scanners only look
    client.post(confirm)
    assert sign_in(client, SIGN_UP["email"], SIGN_UP["password1"])["Location"] == "/"
    assert client.get("/")["Location"] == "/new/"
    created = client.post("/new/", {"name": "Ana & Cia", "language": "pt-br"})
    assert created["Location"] == "/c/ana-cia/"
    assert client.get("/c/ana-cia/live").status_code == 200
    person = Person.objects.get(email=SIGN_UP["email"])
    assert (person.name, person.memberships.get().role) == ("Ana Lima", "owner")
    assert client.get("/")["Location"] == "/c/ana-cia/"  # straight into the only one


def test_signing_up_with_a_known_address_answers_like_any_other(db: None, aurora: Company) -> None:
    known = make_member(aurora, "owner").email
    new = Client().post("/accounts/signup/", SIGN_UP, follow=True)
    old = Client().post("/accounts/signup/", {**SIGN_UP, "email": known}, follow=True)
    assert (new.status_code, new.redirect_chain) == (old.status_code, old.redirect_chain)
    assert body(new).replace(SIGN_UP["email"].encode(), b"") == body(old).replace(
        known.encode(), b""
    )
    assert [letter.to for letter in mail.outbox] == [[SIGN_UP["email"]], [known]]


def test_a_wrong_password_and_an_unknown_address_look_the_same(aurora: Company) -> None:
    known = make_member(aurora, "owner").email
    wrong = sign_in(Client(), known, "wrong")
    unknown = sign_in(Client(), "nobody@example.com", "wrong")
    assert wrong.status_code == unknown.status_code == 200
    assert wrong.context["form"].non_field_errors() == unknown.context["form"].non_field_errors()


def test_asking_for_a_reset_looks_the_same_for_everybody(aurora: Company) -> None:
    known = make_member(aurora, "owner").email
    answers = [
        Client().post("/accounts/password/reset/", {"email": email}, follow=True)
        for email in (known, "nobody@example.com")
    ]
    assert answers[0].redirect_chain == answers[1].redirect_chain
    assert body(answers[0]) == body(answers[1])
    assert len(mail.outbox) == 2


def test_a_reset_link_works_once(aurora: Company) -> None:
    person = make_member(aurora, "owner")
    Client().post("/accounts/password/reset/", {"email": person.email})
    link = mailed_path()
    client = Client()
    form = client.get(link)["Location"]
    changed = client.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert changed.status_code == 302
    assert sign_in(Client(), person.email, NEW_PASSWORD)["Location"] == "/"
    assert "token_fail" in Client().get(link).context


def test_sign_in_is_limited_with_and_without_redis(aurora: Company, any_redis: str) -> None:
    person = make_member(aurora, "owner")
    client = Client()
    for _ in range(5):
        sign_in(client, person.email, "wrong")
    refused = sign_in(client, person.email, PASSWORD)
    assert refused.status_code == 200
    assert "_auth_user_id" not in client.session
    assert sign_in(Client(), make_member(aurora, "agent").email, PASSWORD)["Location"] == "/"


def test_one_address_of_the_network_cannot_try_all_accounts(
    aurora: Company, any_redis: str
) -> None:
    answers = [sign_in(Client(), f"{number}@example.com", "wrong") for number in range(31)]
    assert answers[-1].status_code == 429
    assert "429.html" in [template.name for template in answers[-1].templates]


def test_a_link_to_elsewhere_is_not_followed_after_signing_in(aurora: Company) -> None:
    person = make_member(aurora, "owner")
    client = Client()
    answer = client.post(
        "/accounts/login/?next=https://evil.example/",
        {"login": person.email, "password": PASSWORD, "next": "https://evil.example/"},
    )
    assert answer["Location"] == "/"


def test_mailed_links_never_follow_the_host_header(aurora: Company) -> None:
    known = make_member(aurora, "owner").email
    client = Client(headers={"host": "127.0.0.1"})
    client.post("/accounts/signup/", SIGN_UP)
    client.post("/accounts/signup/", {**SIGN_UP, "email": known})
    client.post("/accounts/password/reset/", {"email": known})
    client.post("/accounts/password/reset/", {"email": "nobody@example.com"})
    links = [re.findall(r"http\S+", str(letter.body)) for letter in mail.outbox]
    starts = [link.removeprefix("http://localhost:5000/accounts/") for [link] in links]
    assert [start.split("/")[:2] for start in starts] == [
        ["confirm-email", starts[0].split("/")[1]],
        ["password", "reset"],
        ["password", "reset"],
        ["signup", ""],
    ]
