"""Health check of a container: `python -m deploy.alive TARGET` ends with 0 when TARGET is alive.

TARGET is `http://host:port/path`, `tcp://host:port` or `heartbeat:NAME` (see core.heartbeat).
"""

import http.client
import os
import socket
import sys
from urllib.parse import urlsplit

QUIET_SECONDS = 150.0  # without a heartbeat before a process counts as dead
PATIENCE = 4.0  # seconds for an answer over the network


def main(target: str) -> int:
    """0 when alive, 1 when not; the reason goes to the container's health log."""
    checks = {"http": _http, "tcp": _tcp, "heartbeat": _heartbeat}
    try:
        alive = checks[target.partition(":")[0]](target)
    except Exception as error:
        sys.stderr.write(f"{target}: {error!r}\n")
        return 1
    return 0 if alive else 1


def _http(target: str) -> bool:
    address = urlsplit(target)
    connection = http.client.HTTPConnection(address.netloc, timeout=PATIENCE)
    connection.request("GET", address.path)
    return connection.getresponse().status == http.HTTPStatus.OK


def _tcp(target: str) -> bool:
    address = urlsplit(target)
    socket.create_connection((address.hostname or "", address.port or 0), PATIENCE).close()
    return True


def _heartbeat(target: str) -> bool:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
    from core import heartbeat

    age = heartbeat.age(target.partition(":")[2])
    return age is not None and age < QUIET_SECONDS


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
