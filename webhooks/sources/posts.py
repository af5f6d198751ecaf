"""A post on its way from the door to its company: one text of JSON for what came with it, then the
bytes themselves, untouched."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

PROVIDER = "source"  # of the routes and envelopes of sources
CONTENT_TYPE_LENGTH = 200
HEADER_LENGTH = 500
# What says something about a post and is no secret; everything else is dropped at the door.
KEPT_HEADERS = (
    *("user-agent", "x-request-id", "webhook-id", "x-event", "x-event-type", "x-event-name"),
    *("x-webhook-event", "x-webhook-id", "x-github-event", "x-kiwify-event"),
    *("x-shopify-topic", "x-shopify-webhook-id", "x-shopify-event-id", "x-shopify-shop-domain"),
)
# Those of them that say what happened, and say the same when a post is repeated.
TOPIC_HEADERS = (
    *("x-event", "x-event-type", "x-event-name", "x-webhook-event", "x-github-event"),
    *("x-kiwify-event", "x-shopify-topic"),
)


@dataclass(frozen=True, slots=True)
class Post:
    """What arrived at a source's address.

    Attributes:
        headers: looked up whatever their case at the door; lower-case names afterwards.
        query: the parameters of the address, the last of each name.
    """

    body: bytes
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


def pack(post: Post) -> bytes:
    """The envelope's bytes: what is kept of the headers, a newline, the body."""
    kept = {
        name: value[:HEADER_LENGTH]
        for name in KEPT_HEADERS
        if (value := post.headers.get(name, ""))
    }
    said = {"content_type": post.content_type[:CONTENT_TYPE_LENGTH], "headers": kept}
    return json.dumps(said).encode() + b"\n" + post.body


def topics(post: Post) -> bytes:
    """What its headers say has happened, in one line; the bytes may say the same of two facts."""
    return json.dumps(
        [post.headers.get(name, "")[:HEADER_LENGTH] for name in TOPIC_HEADERS]
    ).encode()


def unpack(packed: bytes) -> Post:
    """What `pack` was given, without what it dropped."""
    first, _newline, body = packed.partition(b"\n")
    said = json.loads(first)
    return Post(body=body, content_type=said["content_type"], headers=said["headers"])
