"""Kinds of due work; their key is the integration's id."""

PUSH = "integrations.push"
SYNC = "integrations.sync"
