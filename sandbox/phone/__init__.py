"""The pages: a customer's phone and a mailbox."""
