"""Text messages by Twilio behind the port: what it can do, and who does it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import IO, NoReturn

from connections.providers import files
from connections.providers.base import (
    Acknowledgement,
    Capabilities,
    CredentialField,
    Credentials,
    Explanation,
    FailureClass,
    FetchedMedia,
    Kept,
    NeutralItem,
    NumberInfo,
    NumberMarket,
    Outgoing,
    ProviderError,
    SendResult,
    Session,
    TemplateInfo,
)
from connections.providers.twilio_sms import errors, forms, inbound, looking, numbers, sending
from connections.providers.twilio_sms.addresses import account_url, basic_auth
from connections.providers.twilio_sms.codes import TOKEN_CODES
from connections.providers.twilio_sms.shop import Shop


class TwilioSms:
    """A number (or messaging service) of a Twilio account, for SMS."""

    slug = "twilio_sms"
    label = "Twilio SMS"
    channel = "sms"
    signature_header = "X-Twilio-Signature"
    signing_secret = forms.AUTH_TOKEN
    callback_route = "webhook-twilio"
    # As plain text the answer would go to the person as an SMS.
    acknowledgement = Acknowledgement("text/xml", "<Response/>")
    market: NumberMarket | None = Shop()
    fields: Sequence[CredentialField] = forms.FIELDS
    capabilities = Capabilities(
        kinds=sending.KINDS,
        local_templates=True,
        text_limit=1600,
        echoes_send_key=True,
        default_rate_per_second=10,
        token_codes=TOKEN_CODES,
        evidence_wait_seconds=2 * 60,
        can_look_up=True,
        answered_keywords=inbound.ANSWERED_KEYWORDS,
    )

    async def send(
        self, session: Session, credentials: Credentials, message: Outgoing
    ) -> SendResult:
        return await sending.send(session, credentials, message)

    def verify_signature(self, raw: bytes, header: str, secret: str, *, url: str) -> bool:
        return inbound.verify_signature(raw, header, secret, url=url)

    def keep(self, raw: bytes, *, query: str, headers: Mapping[str, str], at: datetime) -> Kept:
        return inbound.keep(raw, query=query, headers=headers, at=at)

    def handshake(self, params: Mapping[str, str], verify_token: str) -> str | None:
        return None  # Twilio asks for none

    def parse(self, body: bytes) -> list[NeutralItem]:
        return inbound.parse(body)

    def explain(self, code: str) -> Explanation | None:
        return errors.explain(code)

    def upload_media(
        self, credentials: Credentials, file: IO[bytes], *, filename: str, mime: str
    ) -> str:
        _unsupported("files")

    def fetch_media(
        self, credentials: Credentials, external_id: str, sink: IO[bytes], *, max_bytes: int
    ) -> FetchedMedia:
        return files.download(
            account_url(credentials, external_id),
            sink,
            max_bytes=max_bytes,
            headers=basic_auth(credentials),
            follow_redirects=True,  # to where Twilio stores files, without our credentials
        )

    def look_up(
        self,
        credentials: Credentials,
        *,
        to: str,
        text: str,
        since: datetime,
        known: Collection[str] = (),
    ) -> SendResult | None:
        return looking.look_up(credentials, to=to, text=text, since=since, known=known)

    def mark_read(
        self, credentials: Credentials, external_id: str, *, typing: bool = False
    ) -> None:
        """SMS has no read marks: nothing to tell."""

    def check(self, credentials: Credentials) -> NumberInfo:
        return numbers.check(credentials)

    def verify_credentials(self, credentials: Credentials) -> NumberInfo:
        return numbers.verify(credentials)

    def subscribe(self, credentials: Credentials, *, callback_url: str, verify_token: str) -> None:
        numbers.subscribe(credentials, address=callback_url)

    def unsubscribe(self, credentials: Credentials, *, whole_account: bool) -> None:
        numbers.subscribe(credentials, address="")

    def list_templates(self, credentials: Credentials) -> Iterator[TemplateInfo]:
        return iter(())

    def create_template(self, credentials: Credentials, template: TemplateInfo) -> TemplateInfo:
        _unsupported("templates")

    def edit_template(self, credentials: Credentials, template: TemplateInfo) -> TemplateInfo:
        _unsupported("templates")

    def delete_template(self, credentials: Credentials, *, external_id: str, name: str) -> None:
        """They are ours alone: nothing is there."""


def _unsupported(what: str) -> NoReturn:
    raise ProviderError(FailureClass.REJECTED, "unsupported", what)
