"""What `bin/bench imports` imports, and the process that does it."""
