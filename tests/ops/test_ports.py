"""A busy port gets a sentence: which, whose, and what to do."""

import os
import socket

import pytest

from ops.errors import OperationError
from ops.ports import free_ports, require_free


def test_free_ports_pass() -> None:
    first, second = free_ports(2)
    require_free("127.0.0.1", {"PORT": first, "SOCKET_PORT": second})


def test_a_busy_port_names_setting_and_program() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(OperationError) as caught:
            require_free("127.0.0.1", {"SANDBOX_PORT": port})
    assert caught.value.what.startswith(f"Port {port} is taken by “")
    assert caught.value.what.endswith(f"(process {os.getpid()}).")
    assert "SANDBOX_PORT=<port> bin/up" in caught.value.cure


def test_one_port_for_two_settings_is_refused() -> None:
    (port,) = free_ports(1)
    with pytest.raises(OperationError, match=f"PORT and SOCKET_PORT are both {port}"):
        require_free("127.0.0.1", {"PORT": port, "SOCKET_PORT": port})
