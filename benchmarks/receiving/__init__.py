"""What `bin/bench pace` adds to the sending: callbacks that come in, and an inbox people read."""
