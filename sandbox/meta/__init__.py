"""WhatsApp Cloud API: the part of Meta's Graph that the product calls, and its webhooks."""
