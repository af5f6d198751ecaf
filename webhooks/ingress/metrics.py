"""What Prometheus reads of the door (`/metrics`)."""

from prometheus_client import Counter

TAKEN, SPOOLED, REFUSED = "taken", "spooled", "refused"

POSTS = Counter(
    "ingress_posts_total",
    "Posts whose signature held: stored, kept on disk, or too many for their address",
    ["provider", "fate"],
)
