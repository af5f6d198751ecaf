"""What `bin/bench campaign` runs: the product's senders and the reference, against one stand-in."""
