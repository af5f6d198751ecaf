from __future__ import annotations

import httpx
import pytest

from core.http import BlockedAddress, Interrupted, NotConnected, ResponseTooLarge, how_far


@pytest.mark.parametrize(
    "error",
    [
        NotConnected("x"),
        BlockedAddress("x"),
        httpx.ConnectError("x"),
        httpx.ConnectTimeout("x"),
        httpx.PoolTimeout("x"),
        ConnectionRefusedError(),
    ],
)
def test_errors_before_a_connection_are_certain(error: BaseException) -> None:
    assert how_far(error) == "not_connected"


@pytest.mark.parametrize(
    "error",
    [
        Interrupted("x"),
        ResponseTooLarge("x"),
        httpx.ReadTimeout("x"),
        httpx.WriteError("x"),
        httpx.RemoteProtocolError("x"),
        TimeoutError(),
        ConnectionResetError(),
        RuntimeError("anything we did not think of"),
    ],
)
def test_everything_else_is_ambiguous(error: BaseException) -> None:
    assert how_far(error) == "ambiguous"
