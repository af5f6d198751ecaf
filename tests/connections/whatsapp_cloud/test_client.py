"""The blocking half: credentials told apart, numbers, templates and files, against the stand-in."""

import io
from typing import Any

import pytest

from connections.providers.base import (
    Credentials,
    FailureClass,
    ProviderError,
    TemplateInfo,
    WrongCredentialError,
)
from connections.providers.whatsapp_cloud import client, media
from connections.registry import provider
from sandbox.accounts import DEMO_SECRET, DEMO_TOKEN, DEMO_WABA
from sandbox.testing import Handle
from tests.connections.factories import NUMBER, PROVIDER, control

BODY = {"type": "BODY", "text": "Olá {{1}}, tudo bem?", "example": {"body_text": [["Ana"]]}}


def credentials(**changed: str) -> Credentials:
    secrets = {"token": DEMO_TOKEN, "app_secret": DEMO_SECRET, **changed}
    return Credentials(
        secrets.pop("number_id", NUMBER), secrets.pop("account_id", DEMO_WABA), secrets
    )


@pytest.fixture
def fresh(sandbox: Handle) -> Handle:
    """Accounts and settings as seeded."""
    control(sandbox, "reset", what=["accounts", "settings"])
    return sandbox


class TestVerify:
    def test_right_values_show_the_number(self, fresh: Handle) -> None:
        info = provider(PROVIDER).verify_credentials(credentials())
        assert (info.display_number, info.quality, info.tier) == (
            "+55 11 4000-1000",
            "GREEN",
            "TIER_2K",
        )
        assert (info.rate_per_second, info.token_expires_at) == (80, None)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("token", "nonsense"),
            ("account_id", "1"),
            ("account_id", NUMBER),
            ("number_id", "1"),
            ("number_id", DEMO_WABA),
            ("app_secret", "wrong"),
        ],
    )
    def test_the_wrong_one_is_named(self, fresh: Handle, field: str, value: str) -> None:
        with pytest.raises(WrongCredentialError) as caught:
            provider(PROVIDER).verify_credentials(credentials(**{field: value}))
        assert caught.value.field == field

    def test_an_expired_token_is_told_as_such(self, fresh: Handle) -> None:
        control(fresh, "accounts", waba_id=DEMO_WABA, tokens={"old": 1})
        with pytest.raises(WrongCredentialError) as caught:
            provider(PROVIDER).verify_credentials(credentials(token="old"))
        assert caught.value.field == "token"

    def test_the_tokens_end_is_known(self, fresh: Handle) -> None:
        control(fresh, "accounts", waba_id=DEMO_WABA, tokens={"soon": 4_000_000_000})
        info = provider(PROVIDER).check(credentials(token="soon"))
        assert info.token_expires_at is not None
        assert info.token_expires_at.timestamp() == 4_000_000_000

    def test_graph_being_away_blames_no_value(self, settings: Any) -> None:
        settings.GRAPH_BASE_URL = "http://127.0.0.1:1"
        settings.OUTBOUND_ALLOWED_PRIVATE = ["127.0.0.1:1"]
        with pytest.raises(ProviderError) as caught:
            provider(PROVIDER).verify_credentials(credentials())
        assert type(caught.value) is ProviderError
        assert caught.value.code == "not_connected"

    def test_secrets_do_not_show(self) -> None:
        assert DEMO_TOKEN not in repr(credentials())


class TestTemplates:
    def test_every_page_is_read(self, fresh: Handle) -> None:
        before = len(list(provider(PROVIDER).list_templates(credentials())))
        control(fresh, "settings", extra_templates=2 * client.PAGE_SIZE)
        found = list(provider(PROVIDER).list_templates(credentials()))
        control(fresh, "reset", what=["accounts", "settings"])
        assert len({one.external_id for one in found}) == before + 2 * client.PAGE_SIZE

    def test_status_reason_and_format_come_along(self, fresh: Handle) -> None:
        found = {one.name: one for one in provider(PROVIDER).list_templates(credentials())}
        assert (found["ganhe_dinheiro"].status, found["ganhe_dinheiro"].reason) == (
            "REJECTED",
            "SCAM",
        )
        assert found["black_friday"].status == "PAUSED"
        assert {one.parameter_format for one in found.values()} == {"POSITIONAL", "NAMED"}

    def test_create_edit_and_delete(self, fresh: Handle) -> None:
        speaker, who = provider(PROVIDER), credentials()
        draft = TemplateInfo("", "aviso_novo", "pt_BR", "UTILITY", "DRAFT", [BODY])
        made = speaker.create_template(who, draft)
        assert (made.status, bool(made.external_id)) == ("PENDING", True)
        with pytest.raises(ProviderError) as caught:
            speaker.edit_template(who, made)  # still in review
        assert caught.value.klass == FailureClass.REJECTED
        for _ in range(2):  # deleting what is gone is fine
            speaker.delete_template(who, external_id=made.external_id, name=made.name)
        names = [one.name for one in speaker.list_templates(who)]
        assert "aviso_novo" not in names

    def test_metas_own_words_come_with_a_refusal(self, fresh: Handle) -> None:
        draft = TemplateInfo(
            "", "curto", "pt_BR", "UTILITY", "DRAFT", [{**BODY, "text": "{{1}} oi"}]
        )
        with pytest.raises(ProviderError) as caught:
            provider(PROVIDER).create_template(credentials(), draft)
        assert (caught.value.code, caught.value.subcode) == ("100", "2388299")
        assert "variable" in caught.value.detail.lower()


class TestMedia:
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 1000

    def test_up_and_down_again(self, fresh: Handle) -> None:
        speaker, sink = provider(PROVIDER), io.BytesIO()
        handle = speaker.upload_media(
            credentials(), io.BytesIO(self.png), filename="a.png", mime="image/png"
        )
        fetched = speaker.fetch_media(credentials(), handle, sink, max_bytes=5000)
        assert (fetched.mime, fetched.size) == ("image/png", len(self.png))
        assert sink.getvalue() == self.png

    def test_over_the_cap_is_not_fetched(self, fresh: Handle) -> None:
        speaker, sink = provider(PROVIDER), io.BytesIO()
        handle = speaker.upload_media(
            credentials(), io.BytesIO(self.png), filename="a.png", mime="image/png"
        )
        with pytest.raises(ProviderError) as caught:
            speaker.fetch_media(credentials(), handle, sink, max_bytes=10)
        assert (caught.value.code, sink.getvalue()) == ("media_too_large", b"")

    def test_what_is_gone_is_told_as_such(self, fresh: Handle) -> None:
        with pytest.raises(ProviderError) as caught:
            provider(PROVIDER).fetch_media(credentials(), "123", io.BytesIO(), max_bytes=10)
        assert caught.value.code == "media_gone"

    @pytest.mark.parametrize(
        "url",
        [
            "https://evil.example/x",
            "http://lookaside.fbsbx.com/x",
            "https://lookaside.fbsbx.com.evil.example/x",
            "https://lookaside.fbsbx.com:8443/x",
            "https://graph.facebook.com@evil.example/x",
        ],
    )
    def test_the_token_goes_to_no_other_host(self, settings: Any, url: str) -> None:
        settings.GRAPH_BASE_URL = "https://graph.facebook.com"
        assert media.token_if_trusted(credentials(), url) == {}

    def test_the_token_goes_to_graph_and_its_media_host(self, settings: Any) -> None:
        settings.GRAPH_BASE_URL = "https://graph.facebook.com"
        expected = {"Authorization": f"Bearer {DEMO_TOKEN}"}
        for url in ("https://graph.facebook.com/v23.0/1", "https://lookaside.fbsbx.com/x?mid=1"):
            assert media.token_if_trusted(credentials(), url) == expected


class TestReadMarks:
    def test_blue_ticks_and_typing(self, fresh: Handle) -> None:
        wrote = control(fresh, "inbound", connection=NUMBER, text="Oi", **{"from": "5511987650000"})
        provider(PROVIDER).mark_read(credentials(), wrote["id"])
        provider(PROVIDER).mark_read(credentials(), wrote["id"], typing=True)
        ledger = fresh.http.get("/_sandbox/ledger").json()["results"]
        assert [item["kind"] for item in ledger] == ["read", "typing"]
