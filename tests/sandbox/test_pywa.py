"""The wire format, judged by a client library that others wrote."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from pywa import WhatsApp
from pywa.errors import MediaUploadError, WhatsAppError
from pywa.types import Button
from pywa.types.templates import (
    BodyText,
    FooterText,
    Template,
    TemplateCategory,
    TemplateLanguage,
    TemplateStatus,
)

from sandbox import samples
from tests.sandbox.conftest import MARIA, NUMBER, OTHER_NUMBER, WABA, Api


@pytest.fixture
def wa(api: Api) -> Iterator[WhatsApp]:
    with httpx.Client(trust_env=False, timeout=5) as session:
        client = WhatsApp(
            phone_id=NUMBER,
            token="sandbox-token",
            waba_id=WABA,
            session=session,
        )
        client.api._session.base_url = f"{api.sandbox.url}/graph/v23.0"
        yield client


def test_pywa_sends_every_kind_of_free_form_message(api: Api, wa: WhatsApp) -> None:
    heard = api.write()["id"]
    wa.send_message(MARIA, "Olá", tracker="k1")
    wa.send_message(MARIA, "Escolha", buttons=[Button("Sim", "y"), Button("Não", "n")])
    wa.send_image(MARIA, samples.sample("image"), caption="Foto", mime_type="image/png")
    wa.send_document(
        MARIA, samples.sample("document"), filename="a.pdf", mime_type="application/pdf"
    )
    wa.send_location(MARIA, -23.5, -46.6, name="Loja")
    wa.send_reaction(MARIA, "👍", heard)
    wa.mark_message_as_read(heard)

    entries = api.ledger()
    sent = [entry["type"] for entry in entries if entry["kind"] == "message"]
    assert sent == ["text", "interactive", "image", "document", "location", "reaction"]
    assert entries[0]["key"] == "k1"
    assert entries[-1]["kind"] == "read"


def test_pywa_sends_a_template(api: Api, wa: WhatsApp) -> None:
    wa.send_template(
        MARIA,
        "boas_vindas",
        TemplateLanguage.PORTUGUESE_BR,
        [BodyText.params("Maria", "AURORA10")],
    )

    [entry] = api.ledger()
    assert (entry["type"], entry["template"], entry["recipient"]) == (
        "template",
        "boas_vindas",
        MARIA,
    )


def test_pywa_creates_and_lists_templates(api: Api, wa: WhatsApp) -> None:
    api.control("POST", "settings", json={"template_approval_delay": 60})
    created = wa.create_template(
        Template(
            name="nova_oferta",
            language=TemplateLanguage.PORTUGUESE_BR,
            category=TemplateCategory.MARKETING,
            components=[
                BodyText("Olá, {{1}}! Temos uma oferta nova.", "Maria"),
                FooterText(text="Loja"),
            ],
        )
    )
    listed = {(one.name, str(one.language)): one for one in wa.get_templates()}

    assert created.status == TemplateStatus.PENDING
    assert listed["nova_oferta", "pt_BR"].status == TemplateStatus.PENDING
    assert listed["black_friday", "pt_BR"].status == TemplateStatus.PAUSED
    assert wa.delete_template("nova_oferta").success


def test_pywa_reads_the_number_and_the_account(wa: WhatsApp) -> None:
    number = wa.get_business_phone_number()

    assert (number.id, number.verified_name) == (NUMBER, "Loja Aurora")
    assert [one.id for one in wa.get_business_phone_numbers()] == [NUMBER, OTHER_NUMBER]
    assert wa.get_business_account().name == "Loja Aurora"


def test_pywa_uploads_downloads_and_deletes_media(wa: WhatsApp) -> None:
    content = samples.sample("image")
    media = wa.upload_media(content, mime_type="image/png", filename="a.png")
    found = wa.get_media_url(media.id)

    assert (found.mime_type, found.file_size) == ("image/png", len(content))
    assert wa.get_media_bytes(found.url) == content
    assert wa.delete_media(media.id)
    with pytest.raises(WhatsAppError):
        wa.get_media_url(media.id)


def test_pywa_recognises_our_refusals(wa: WhatsApp) -> None:
    with pytest.raises(MediaUploadError):
        wa.upload_media(b"x" * (5 * 1024 * 1024 + 1), mime_type="image/png", filename="a.png")
