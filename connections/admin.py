"""What the superadmin sees of connections: a line on the page of all companies' health."""

from collections.abc import Iterable

from connections.models import Connection
from tenants.admin import health


def lines() -> Iterable[health.Line]:
    """The open company's connections, as the page shows them."""
    for connection in Connection.objects.filter(deleted_at=None):
        yield health.Line(
            name=connection.name,
            number=connection.display_number,
            state=connection.get_state_display(),
            detail=connection.state_detail or connection.state_code,
            quality=connection.get_quality_display(),
            checked_at=connection.checked_at,
            last_inbound_at=connection.last_inbound_at,
        )


health.register(lines)
