"""The WhatsApp Cloud API behind the port: what it can do, and who does it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import IO

from connections.providers.base import (
    Acknowledgement,
    Capabilities,
    CredentialField,
    Credentials,
    Explanation,
    FetchedMedia,
    Kept,
    NeutralItem,
    NumberInfo,
    Outgoing,
    SendResult,
    Session,
    TemplateInfo,
)
from connections.providers.whatsapp_cloud import (
    errors,
    forms,
    inbound,
    media,
    numbers,
    sending,
    templates,
    wire,
)
from connections.providers.whatsapp_cloud.codes import (
    PAIR_SECONDS,
    TEMPLATE_CODES,
    TOKEN_CODES,
)


class WhatsAppCloud:
    """Meta's own API, one number of a WhatsApp Business account."""

    slug = "whatsapp_cloud"
    label = "WhatsApp Cloud API"
    channel = "whatsapp"
    signature_header = "X-Hub-Signature-256"
    signing_secret = forms.APP_SECRET
    callback_route = "webhook-meta-token"
    acknowledgement = Acknowledgement("text/plain", "OK")
    market = None
    fields: Sequence[CredentialField] = forms.FIELDS
    capabilities = Capabilities(
        kinds=wire.KINDS,
        templates=True,
        handshake=True,
        window_hours=24,
        echoes_send_key=True,
        read_marks=True,
        read_receipts=True,
        default_rate_per_second=80,
        token_codes=TOKEN_CODES,
        evidence_wait_seconds=15 * 60,
        pair_seconds=PAIR_SECONDS,
        pair_burst=45,
        template_codes=TEMPLATE_CODES,
    )

    async def send(
        self, session: Session, credentials: Credentials, message: Outgoing
    ) -> SendResult:
        return await sending.send(session, credentials, message)

    def verify_signature(self, raw: bytes, header: str, secret: str, *, url: str) -> bool:
        return inbound.verify_signature(raw, header, secret)

    def keep(self, raw: bytes, *, query: str, headers: Mapping[str, str], at: datetime) -> Kept:
        return Kept(body=raw, key=raw)

    def handshake(self, params: Mapping[str, str], verify_token: str) -> str | None:
        return inbound.handshake(params, verify_token)

    def parse(self, body: bytes) -> list[NeutralItem]:
        return inbound.parse(body)

    def explain(self, code: str) -> Explanation | None:
        return errors.explain(code)

    def upload_media(
        self, credentials: Credentials, file: IO[bytes], *, filename: str, mime: str
    ) -> str:
        return media.upload(credentials, file, filename=filename, mime=mime)

    def fetch_media(
        self, credentials: Credentials, external_id: str, sink: IO[bytes], *, max_bytes: int
    ) -> FetchedMedia:
        return media.fetch(credentials, external_id, sink, max_bytes=max_bytes)

    def look_up(
        self,
        credentials: Credentials,
        *,
        to: str,
        text: str,
        since: datetime,
        known: Collection[str] = (),
    ) -> SendResult | None:
        return None  # Graph has no list of what was sent; receipts carry our key

    def mark_read(
        self, credentials: Credentials, external_id: str, *, typing: bool = False
    ) -> None:
        numbers.mark_read(credentials, external_id, typing=typing)

    def check(self, credentials: Credentials) -> NumberInfo:
        return numbers.check(credentials)

    def verify_credentials(self, credentials: Credentials) -> NumberInfo:
        return numbers.verify(credentials)

    def subscribe(self, credentials: Credentials, *, callback_url: str, verify_token: str) -> None:
        numbers.subscribe(credentials, callback_url=callback_url, verify_token=verify_token)

    def unsubscribe(self, credentials: Credentials, *, whole_account: bool) -> None:
        numbers.unsubscribe(credentials, whole_account=whole_account)

    def list_templates(self, credentials: Credentials) -> Iterator[TemplateInfo]:
        return templates.list_all(credentials)

    def create_template(self, credentials: Credentials, template: TemplateInfo) -> TemplateInfo:
        return templates.create(credentials, template)

    def edit_template(self, credentials: Credentials, template: TemplateInfo) -> TemplateInfo:
        return templates.edit(credentials, template)

    def delete_template(self, credentials: Credentials, *, external_id: str, name: str) -> None:
        templates.delete(credentials, external_id=external_id, name=name)
