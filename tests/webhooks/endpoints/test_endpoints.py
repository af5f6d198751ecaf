"""Which addresses and headers an endpoint may have (reliability D4, D12)."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from core.errors import Invalid
from core.http import guard
from tenants.models import Company
from tests.webhooks.endpoints import driving, rows
from tests.webhooks.endpoints.conftest import Make
from tests.webhooks.endpoints.sink import Sink
from webhooks.endpoints.enums import DispatchState, Failure
from webhooks.endpoints.models import Dispatch, Endpoint
from webhooks.endpoints.services import endpoints

INSIDE = [
    "127.0.0.1", "127.1", "0x7f000001", "2130706433", "017700000001", "0.0.0.0", "localhost",
    "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1", "169.254.169.254",
    "169.254.170.2", "100.64.0.1", "100.100.100.200", "192.0.0.192", "192.0.2.1", "198.18.0.1",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]",
    "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::1]",
    "[2002:7f00:1::]", "[2002:a9fe:a9fe::]", "[fc00::1]", "[fd12:3456::1]", "[fd00:ec2::254]",
    "[fe80::1]", "[fec0::1]", "[ff02::1]", "[100::1]", "[2001:db8::1]", "[2001::1]",
]  # fmt: skip
STRANGE = [
    "ftp://1.1.1.1/", "file:///etc/passwd", "gopher://1.1.1.1/", "javascript:alert(1)", "1.1.1.1",
    "https://", "https:///x", "https://user@1.1.1.1/", "https://user:pass@1.1.1.1/",
    "https://1.1.1.1:22/", "https://1.1.1.1:6379/", "https://1.1.1.1:99999/", "https://[::1",
    "http://1.1.1.1/", "https://no-such-host.invalid/",
]  # fmt: skip


@pytest.mark.parametrize("host", INSIDE)
def test_no_endpoint_is_made_at_an_address_that_is_not_public(company: Company, host: str) -> None:
    with pytest.raises(Invalid) as refused:
        endpoints.create_endpoint(url=f"https://{host}/hook")
    assert list(refused.value.errors) == ["url"]


@pytest.mark.parametrize("url", STRANGE)
def test_no_endpoint_is_made_at_a_strange_address(company: Company, url: str) -> None:
    with pytest.raises(Invalid) as refused:
        endpoints.create_endpoint(url=url)
    assert list(refused.value.errors) == ["url"]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0x7f000001", "2130706433"]
)
def test_an_inside_address_that_got_in_is_refused_at_each_send(
    company: Company, sink: Sink, settings: Any, host: str
) -> None:
    settings.OUTBOUND_ALLOWED_PRIVATE = []
    settings.DEBUG = True  # not even http is what stops it
    endpoint = rows.an_endpoint(url=f"http://{host}:{sink.port}/ok", types=["contact.deleted"])
    driving.queueing.declare()
    driving.queued()
    driving.send_all()
    assert driving.only(endpoint).failure == Failure.BLOCKED
    assert sink.got == []


def test_a_name_that_answers_differently_the_second_time_gains_nothing(
    company: Company, sink: Sink, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OUTBOUND_ALLOWED_PRIVATE = []
    answers = iter(["93.184.215.14"])
    real = socket.getaddrinfo

    def rebinding(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if host != "rebind.example":
            return real(host, port, *args, **kwargs)
        address = next(answers, "127.0.0.1")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(guard, "_PORTS", frozenset({80, 443, sink.port}))
    settings.DEBUG = True
    endpoint, _ = endpoints.create_endpoint(
        url=f"http://rebind.example:{sink.port}/ok", types=["contact.deleted"]
    )
    driving.queued()
    driving.send_all()
    assert driving.only(endpoint).state == DispatchState.WAITING
    assert sink.got == []


def test_plain_http_is_refused_also_when_it_was_written_down_before(
    company: Company, sink: Sink
) -> None:
    endpoint = rows.an_endpoint(url="http://93.184.215.14/", types=["contact.deleted"])
    driving.queueing.declare()
    driving.queued()
    driving.send_all()
    assert driving.only(endpoint).failure == Failure.BLOCKED


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-A", "b\r\nwebhook-id: evt_1"), ("X-A", "b\nHost: c"), ("X-A", "b\rc"), ("X-A", "b\0c"),
        ("X-A\r\nHost", "b"), ("X-A: b", "c"), ("X A", "b"), ("", "b"), ("X-Ä", "b"),
        ("X-A", "ação"), ("Host", "a"), ("hOsT", "a"), ("Content-Length", "0"),
        ("Transfer-Encoding", "chunked"), ("Connection", "close"), ("webhook-id", "a"),
        ("Webhook-Signature", "v1,a"), ("WEBHOOK-TIMESTAMP", "1"), ("X-Signature-256", "a"),
        ("Content-Type", "text/plain"), ("svix-id", "a"), ("Upgrade", "h2c"), ("X-A", "b" * 2001),
    ],
)  # fmt: skip
def test_hostile_and_reserved_headers_are_refused(company: Company, name: str, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        endpoints.create_endpoint(url="https://93.184.215.14/", headers={name: value})
    assert list(refused.value.errors) == ["headers"]
    assert Endpoint.objects.count() == 0


def test_a_type_that_does_not_exist_is_refused(company: Company) -> None:
    with pytest.raises(Invalid) as refused:
        endpoints.create_endpoint(url="https://93.184.215.14/", types=["contact.created", "x.y"])
    assert "x.y" in str(refused.value.errors["types"][0].message)


def test_a_deleted_endpoint_keeps_its_log_and_none_of_its_secrets(
    company: Company, sink: Sink, an_endpoint: Make
) -> None:
    endpoint = an_endpoint(headers={"Authorization": "Bearer abc"})
    driving.queued()
    driving.send_all()
    endpoints.delete_endpoint(endpoint=endpoint)
    endpoint.refresh_from_db()
    assert (endpoint.headers, endpoint.secrets.count()) == ({}, 0)
    assert Dispatch.objects.get().state == DispatchState.DELIVERED
