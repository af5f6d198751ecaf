"""What production needs beside the product: the proxy, the metrics, the health checks."""
