"""Contacts that are probably one person: found in the background, shown with the evidence, decided
by people. Rules, limits and costs: docs/decisions/25-duplicates.md."""
