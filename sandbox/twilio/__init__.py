"""Twilio's messaging: the Messages API, its numbers, and its callbacks."""
