"""Who is believed: each scheme with what is genuine, and all that is not."""

import base64
import hashlib
import hmac
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.http.request import HttpHeaders

from webhooks.sources import verification
from webhooks.sources.posts import Post

BODY = b'{"a": "\\u00e1"}'
SECRET = "s3cret"
NOW = 1_700_000_000.0
HMAC = {"scheme": "hmac", "header": "X-Signature", "algorithm": "sha256", "encoding": "hex"}


def post(headers: dict[str, str] | None = None, body: bytes = BODY, **query: str) -> Post:
    environ = {f"HTTP_{name.upper().replace('-', '_')}": it for name, it in (headers or {}).items()}
    return Post(body=body, headers=HttpHeaders(environ), query=query)


def holds(settings: dict[str, Any], told: Post, secret: str = SECRET, now: float = NOW) -> bool:
    return verification.is_genuine(settings, secret, told, now=now)


def digest(algorithm: str = "sha256", body: bytes = BODY, key: bytes = b"s3cret") -> bytes:
    return hmac.new(key, body, algorithm).digest()


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
@pytest.mark.parametrize("encoding", ["hex", "base64"])
def test_a_signature_of_the_body(algorithm: str, encoding: str) -> None:
    settings = {**HMAC, "algorithm": algorithm, "encoding": encoding, "prefix": "v="}
    raw = digest(algorithm)
    told = "v=" + (raw.hex() if encoding == "hex" else base64.b64encode(raw).decode())
    assert holds(settings, post({"X-Signature": told}))
    assert not holds(settings, post({"X-Signature": told}, body=BODY + b" "))


@pytest.mark.parametrize(
    "told",
    [
        "",
        digest().hex()[:-1] + "x",
        digest().hex().upper(),
        "sha256=" + digest().hex(),
        digest(key=b"other").hex(),
        f"{digest().hex()},{digest().hex()}",
        "çé",
    ],
    ids=["missing", "one off", "upper case", "prefix", "other secret", "two", "not ASCII"],
)
def test_what_is_nearly_a_signature_is_none(told: str) -> None:
    assert not holds(HMAC, post({"X-Signature": told}))


def test_without_a_secret_nothing_is_genuine() -> None:
    unsigned = digest(key=b"").hex()
    for scheme in ("header", "bearer", "query", "hmac", "standard", "mercado_pago"):
        settings = {**HMAC, "scheme": scheme}
        assert not holds(settings, post({"X-Signature": unsigned}, token=""), secret="")


def test_an_unknown_scheme_holds_for_nobody() -> None:
    assert not holds({"scheme": "magic"}, post())
    assert not holds({}, post())


@pytest.mark.parametrize(("late", "is_good"), [(0, True), (299, True), (301, False), (-301, False)])
def test_a_signed_time_is_good_for_five_minutes(late: int, is_good: bool) -> None:
    settings = {**HMAC, "timestamp_header": "X-Time", "template": "{timestamp}.{body}"}
    at = str(int(NOW))
    told = digest(body=f"{at}.".encode() + BODY).hex()
    signed = post({"X-Signature": told, "X-Time": at})
    assert holds(settings, signed, now=NOW + late) is is_good


def test_a_secret_in_a_header_a_bearer_and_the_address() -> None:
    assert holds({"scheme": "header", "header": "X-Token"}, post({"X-Token": SECRET}))
    assert not holds({"scheme": "header", "header": "X-Token"}, post({"X-Token": "no"}))
    assert holds({"scheme": "bearer"}, post({"Authorization": f"Bearer {SECRET}"}))
    assert not holds({"scheme": "bearer"}, post({"Authorization": f"Basic {SECRET}"}))
    assert holds({"scheme": "query", "parameter": "token"}, post(token=SECRET))
    assert not holds({"scheme": "query", "parameter": "token"}, post(token=""))


class TestStandardWebhooks:
    secret = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
    settings = {"scheme": "standard"}

    def signed(self, *signatures: str, at: str = str(int(NOW))) -> Post:
        names = {"webhook-id": "msg_1", "webhook-timestamp": at}
        return post({**names, "webhook-signature": " ".join(signatures)})

    def signature(self, at: str = str(int(NOW)), key: bytes = b"0123456789abcdef01234567") -> str:
        raw = hmac.new(key, f"msg_1.{at}.".encode() + BODY, hashlib.sha256).digest()
        return "v1," + base64.b64encode(raw).decode()

    def test_any_one_of_several_suffices(self) -> None:
        told = self.signed("v1a,AAAA", self.signature(key=b"old"), self.signature())
        assert holds(self.settings, told, self.secret)

    @pytest.mark.parametrize("told", ["", "v1", "v1,", "v1,%%%", "v2,abc", ", ,", "v1,çã"])
    def test_what_is_malformed_is_not_genuine(self, told: str) -> None:
        assert not holds(self.settings, self.signed(told), self.secret)

    @pytest.mark.parametrize("at", ["", "soon", "-1", "1e9", str(int(NOW) - 400), "9" * 40])
    def test_a_time_that_is_none_or_far_is_refused(self, at: str) -> None:
        assert not holds(self.settings, self.signed(self.signature(at), at=at), self.secret)

    @pytest.mark.parametrize("secret", ["whsec_", "whsec_%%%", "not base64!"])
    def test_a_broken_secret_holds_for_nobody(self, secret: str) -> None:
        assert not holds(self.settings, self.signed(self.signature()), secret)


def test_a_vendors_own_key() -> None:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=1024)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    settings = {"scheme": "rsa", "header": "x-webhook-signature", "public_key": public.decode()}
    told = base64.b64encode(key.sign(BODY, PKCS1v15(), SHA256())).decode()
    assert holds(settings, post({"x-webhook-signature": told}), secret="")
    assert not holds(settings, post({"x-webhook-signature": told}, body=b"{}"), secret="")
    assert not holds(settings, post({"x-webhook-signature": "%%%"}), secret="")
    assert not holds(settings, post(), secret="")


def test_mercado_pagos_manifest() -> None:
    at = str(int(NOW))
    manifest = f"id:123abc;request-id:req-1;ts:{at};".encode()
    told = hmac.new(b"s3cret", manifest, hashlib.sha256).hexdigest()
    headers = {"x-signature": f"ts={at},v1={told}", "x-request-id": "req-1"}
    settings = {"scheme": "mercado_pago"}
    assert holds(settings, post(headers, **{"data.id": "123ABC"}))
    assert not holds(settings, post(headers, **{"data.id": "124"}))
    assert not holds(settings, post({**headers, "x-signature": "ts=,v1"}, **{"data.id": "123"}))
