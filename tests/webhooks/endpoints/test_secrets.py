"""Signatures verify with the libraries that receivers use, and rotation leaves them a day
(reliability D5, D6; must show 2)."""

from __future__ import annotations

import hashlib
import hmac
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import standardwebhooks
import svix
import time_machine
from django.db import connection

from tenants.models import Company
from tests.webhooks.endpoints import driving
from tests.webhooks.endpoints.sink import Got, Sink
from webhooks.endpoints.models import Attempt, EndpointSecret
from webhooks.endpoints.services import endpoints, secrets

LIBRARIES: dict[str, Any] = {
    "standardwebhooks": standardwebhooks.Webhook,
    "svix": svix.Webhook,
}
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def verifies(secret: str, got: Got, library: str) -> bool:
    """Whether a receiver with this secret takes the request for ours."""
    try:
        LIBRARIES[library](secret).verify(got.body, got.headers)
    except standardwebhooks.WebhookVerificationError:
        return False
    return True


@pytest.mark.parametrize("library", ["standardwebhooks", "svix"])
def test_a_delivery_verifies_with_the_secret_that_was_shown(
    company: Company, sink: Sink, library: str
) -> None:
    _, secret = endpoints.create_endpoint(url=sink.url(), wants_all=True)
    driving.queued()
    driving.send_all()
    [got] = sink.got
    assert verifies(secret, got, library)
    plain = hmac.new(secret.encode(), got.body, hashlib.sha256).hexdigest()
    assert got.headers["x-signature-256"] == f"sha256={plain}"
    forged = Got(got.path, got.headers, got.body.replace(b"contact", b"c0ntact"), got.at)
    assert not verifies(secret, forged, library)


@pytest.mark.parametrize("library", ["standardwebhooks", "svix"])
def test_both_secrets_sign_for_a_day_after_a_rotation_and_then_the_new_one_alone(
    company: Company, sink: Sink, library: str
) -> None:
    endpoint, former = endpoints.create_endpoint(url=sink.url(), wants_all=True)
    with time_machine.travel(START, tick=False) as clock:
        newer = secrets.rotate(endpoint=endpoint)
        clock.shift(timedelta(hours=24) - timedelta(seconds=1))
        driving.queued()
        driving.send_all()
        assert [verifies(each, sink.got[-1], library) for each in (former, newer)] == [True, True]
        clock.shift(timedelta(seconds=2))
        driving.queued()
        driving.send_all()
        assert [verifies(each, sink.got[-1], library) for each in (former, newer)] == [False, True]


def test_the_secret_rests_encrypted_and_is_in_no_log(
    company: Company, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        _, secret = endpoints.create_endpoint(
            url=sink.url("/echo"), wants_all=True, headers={"Authorization": "Bearer s3cr3t"}
        )
        driving.queued()
        driving.send_all()
    assert secret not in caplog.text
    assert "s3cr3t" not in caplog.text
    kept = str(list(Attempt.objects.values()))
    assert sink.got[0].headers["webhook-signature"] not in kept
    assert "s3cr3t" not in kept
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM endpoints_endpointsecret")
        [[stored]] = cursor.fetchall()
        cursor.execute("SELECT headers FROM endpoints_endpoint")
        [[headers]] = cursor.fetchall()
    assert secret.removeprefix("whsec_") not in stored
    assert "s3cr3t" not in headers
    assert EndpointSecret.objects.get().value == secret
