"""Mail is caught and shown by recipient, with its links."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage

from tests.sandbox.conftest import Api


def send(api: Api, *, to: str) -> None:
    message = EmailMessage()
    message["Subject"] = "Confirmação"
    message["From"] = "nao-responda@example.com"
    message["To"] = to
    message.set_content("Abra http://127.0.0.1:5000/confirmar/abc/.\n")
    message.add_alternative(
        '<a href="http://127.0.0.1:5000/confirmar/abc/?a=1&amp;b=2">Confirmar</a>', subtype="html"
    )
    with smtplib.SMTP("127.0.0.1", api.sandbox.smtp_port) as client:
        client.send_message(message)


def test_a_mail_is_found_by_its_recipient(api: Api) -> None:
    send(api, to="ana@example.com")
    send(api, to="bia@example.com")

    [mail] = api.control("GET", "mail", params={"to": "Ana@example.com"})["results"]
    assert (mail["subject"], mail["to"]) == ("Confirmação", ["ana@example.com"])
    assert mail["links"] == [
        "http://127.0.0.1:5000/confirmar/abc/?a=1&b=2",
        "http://127.0.0.1:5000/confirmar/abc/",
    ]


def test_the_mailbox_can_be_emptied(api: Api) -> None:
    send(api, to="ana@example.com")
    api.control("DELETE", "mail")

    assert api.control("GET", "mail") == {"results": []}


def test_the_html_of_a_mail_is_shown_without_scripts(api: Api) -> None:
    send(api, to="ana@example.com")
    answer = api.http.get("/_sandbox/mail/0/html")

    assert "Confirmar" in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
