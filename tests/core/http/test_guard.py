from __future__ import annotations

import socket
from typing import Any

import pytest

from core.http import BlockedAddress, check_url, guard

INSIDE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.1.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001:db8::1",
    "2002:7f00:1::", "2002:a9fe:a9fe::", "fc00::1", "fd12:3456::1", "fec0::1", "fe80::1",
    "fe80::1%eth0", "ff02::1",
]  # fmt: skip
OUTSIDE = ["1.1.1.1", "8.8.8.8", "157.240.1.1", "2606:4700::1111", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_are_not_public(address: str) -> None:
    assert guard.is_public(address) is False


@pytest.mark.parametrize("address", OUTSIDE)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert guard.is_public(address) is True


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://127.1/", "http://0x7f000001/",
        "http://2130706433/", "http://0177.0.0.1/", "http://[::1]/", "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/", "https://1.1.1.1:22/", "https://1.1.1.1:8443/",
        "http://user@1.1.1.1/", "http://user:password@1.1.1.1/", "http://:x@1.1.1.1/",
        "ftp://1.1.1.1/", "file:///etc/passwd", "gopher://1.1.1.1/", "//1.1.1.1/", "1.1.1.1", "",
        "http://", "http://[", "http://1.1.1.1:99999/", "http://nonexistent.invalid/",
        "http://" + "a" * 300 + ".com/",
    ],
)  # fmt: skip
def test_addresses_that_customers_may_not_enter(url: str) -> None:
    with pytest.raises(BlockedAddress):
        check_url(url)


@pytest.mark.parametrize("url", ["http://1.1.1.1/", "https://1.1.1.1:443/x?y=z", "HTTPS://8.8.8.8"])
def test_addresses_that_they_may(url: str) -> None:
    check_url(url)


def test_https_can_be_required(settings: Any) -> None:
    settings.OUTBOUND_REQUIRE_HTTPS = True
    check_url("https://1.1.1.1/")
    with pytest.raises(BlockedAddress, match="https"):
        check_url("http://1.1.1.1/")


def test_one_address_inside_blocks_the_whole_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def two(host: str, port: int, **kwargs: Any) -> list[Any]:
        return [(socket.AF_INET, 1, 6, "", (ip, port)) for ip in ("1.1.1.1", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    with pytest.raises(BlockedAddress):
        guard.resolve("both.example", 443)


def test_the_operator_can_list_a_host_and_port_inside(settings: Any) -> None:
    settings.OUTBOUND_ALLOWED_PRIVATE = ["localhost:5050"]
    check_url("http://LOCALHOST:5050/")
    for url in ("http://localhost:5051/", "http://127.0.0.1:5050/"):
        with pytest.raises(BlockedAddress):
            check_url(url)
