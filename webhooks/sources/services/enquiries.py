"""Asking a vendor for what its post did not say."""

from __future__ import annotations

from typing import Any

from core import http
from webhooks.sources import parsing
from webhooks.sources.models import Received, Source
from webhooks.sources.presets import preset
from webhooks.sources.trace import Step, step

TOTAL_SECONDS = 15.0


class NotAnswered(Exception):
    """The vendor did not say it; the post waits and it is asked again."""


def details_of(received: Received, steps: list[Step]) -> Any:
    """What the vendor says of it; None if there is nothing to ask.

    Raises:
        NotAnswered, core.http.errors.OutboundError: it could not be had this time.
    """
    found = preset(received.source.preset)
    if found.enquire is None or received.data is None:
        return None
    if received.details is not None:
        return received.details  # it has been asked
    credentials = Source.objects.only("id", "credentials").get(pk=received.source_id).credentials
    enquiry = found.enquire(received.data, credentials)
    if enquiry is None:
        if not credentials:
            steps.append(step("not_asked"))
        return None
    answer = http.request("GET", enquiry.url, headers=enquiry.headers, total=TOTAL_SECONDS)
    if not answer.ok:
        raise NotAnswered(f"the vendor answered {answer.status}")
    parsed = parsing.read(answer.content, "application/json")
    if not isinstance(parsed.data, dict):
        raise NotAnswered("the vendor's answer cannot be read")
    steps.append(step("asked"))
    return parsed.data
