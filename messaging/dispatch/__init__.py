"""The sender: claim a batch, put it on the wire in waves, record what became of it.

Never a task per message: a slice of a second or two per connection and lane, claims of hundreds,
one asyncio loop for the wire, one statement for all outcomes of a wave (performance.md). All SQL
runs on Django's connection, inside the company's scope; nothing of the ORM runs inside the loop.
"""
