from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from core.crypto import DecryptionError, Keyring, parse_keyring

ONE = base64.b64encode(b"1" * 32).decode()
TWO = base64.b64encode(b"2" * 32).decode()


def test_a_known_answer_opens() -> None:
    """Test case 16 of McGrew and Viega's GCM specification (AES-256 with additional data)."""
    key = bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2)
    nonce = bytes.fromhex("cafebabefacedbaddecaf888")
    aad = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    body = bytes.fromhex(
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        "76fc6ece0f4e1768cddf8853bb2d551b"
    )
    ring = Keyring("k", {"k": AESGCM(key)})
    sealed = "v1.k." + base64.urlsafe_b64encode(nonce + body).decode().rstrip("=")
    assert ring.decrypt(sealed, aad) == bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    )


@given(st.binary(max_size=300), st.binary(max_size=60))
def test_what_is_sealed_opens_in_its_place(plaintext: bytes, aad: bytes) -> None:
    ring = parse_keyring(f"a:{ONE}")
    assert ring.decrypt(ring.encrypt(plaintext, aad), aad) == plaintext


def test_it_does_not_open_in_another_place() -> None:
    ring = parse_keyring(f"a:{ONE}")
    with pytest.raises(DecryptionError):
        ring.decrypt(ring.encrypt(b"secret", b"row 1"), b"row 2")


def test_any_altered_byte_is_noticed() -> None:
    ring = parse_keyring(f"a:{ONE}")
    body = base64.urlsafe_b64decode(ring.encrypt(b"secret", b"x").split(".")[2] + "==")
    for position in range(len(body)):
        altered = bytearray(body)
        altered[position] ^= 1
        with pytest.raises(DecryptionError):
            ring.decrypt("v1.a." + base64.urlsafe_b64encode(bytes(altered)).decode(), b"x")


@pytest.mark.parametrize(
    "sealed", ["", "plain", "v2.a.AAAA", "v1..AAAA", "v1.a.", "v1.a.§", "v1.a.AAAA"]
)
def test_what_is_not_sealed_is_an_error_and_never_garbage(sealed: str) -> None:
    with pytest.raises(DecryptionError):
        parse_keyring(f"a:{ONE}").decrypt(sealed, b"")


def test_the_first_key_seals_and_the_others_still_open() -> None:
    old, new = parse_keyring(f"a:{ONE}"), parse_keyring(f"b:{TWO},a:{ONE}")
    assert new.decrypt(old.encrypt(b"secret", b"x"), b"x") == b"secret"
    with pytest.raises(DecryptionError):
        old.decrypt(new.encrypt(b"secret", b"x"), b"x")


def test_an_unknown_key_is_named_and_nothing_else() -> None:
    sealed = parse_keyring(f"old:{ONE}").encrypt(b"secret", b"x")
    with pytest.raises(DecryptionError) as raised:
        parse_keyring(f"new:{TWO}").decrypt(sealed, b"x")
    assert str(raised.value) == "sealed with key 'old', which is not in ENCRYPTION_KEYS"


def test_equal_plaintexts_are_sealed_differently() -> None:
    ring = parse_keyring(f"a:{ONE}")
    assert len({ring.encrypt(b"same", b"x") for _ in range(1000)}) == 1000


@pytest.mark.parametrize(
    "text",
    ["", " , ", "a", f"a b:{ONE}", f":{ONE}", "a:c2hvcnQ=", "a:not base64!", f"a:{ONE},a:{TWO}"],
)
def test_a_bad_keyring_is_refused_without_showing_a_key(text: str) -> None:
    with pytest.raises(ImproperlyConfigured) as raised:
        parse_keyring(text)
    assert ONE not in str(raised.value)


def test_both_base64_alphabets_are_read() -> None:
    key = bytes([0xFB, 0xFF] * 16)
    standard = parse_keyring(f"a:{base64.b64encode(key).decode()}")
    url_safe = parse_keyring(f"a:{base64.urlsafe_b64encode(key).decode().rstrip('=')}")
    assert url_safe.decrypt(standard.encrypt(b"secret", b"x"), b"x") == b"secret"


def test_keys_never_show_in_a_repr() -> None:
    assert repr(parse_keyring(f"a:{ONE}")) == "Keyring(current='a')"
