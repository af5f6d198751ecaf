"""What `bin/bench realtime` needs: a thousand pages that listen, customers that write, and bare
Channels beside them."""
