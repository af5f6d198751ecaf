"""What `bin/bench ingest` posts, and what it is compared with."""
