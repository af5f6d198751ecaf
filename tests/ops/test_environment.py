"""The children's environment: what was given, and our choices for the rest."""

from collections.abc import Callable

from ops.config import Config
from ops.environment import child_environment
from ops.services import Addresses

ADDRESSES = Addresses("postgres://postgres@/mia?host=%2Fd", "unix:///d/redis.sock")


def test_the_sandbox_stands_in_for_the_providers(configure: Callable[..., Config]) -> None:
    env = child_environment(configure(SANDBOX_PORT="6050", PORT="6000"), ADDRESSES)
    assert env["GRAPH_BASE_URL"] == "http://127.0.0.1:6050/graph"
    assert env["EMAIL_URL"] == "smtp://127.0.0.1:6051"
    assert env["OUTBOUND_ALLOWED_PRIVATE"] == "127.0.0.1:6050,localhost:6050"
    assert env["PLATFORM_URL"] == "http://localhost:6000"
    assert (env["DATABASE_URL"], env["REDIS_URL"]) == (
        ADDRESSES.database_url,
        ADDRESSES.redis_url,
    )


def test_what_outbound_calls_may_reach_is_added_to_the_sandbox(
    configure: Callable[..., Config],
) -> None:
    given = {"SANDBOX_PORT": "6050", "OUTBOUND_ALLOWED_PRIVATE": "10.0.0.7:80, 127.0.0.1:6050"}
    env = child_environment(configure(**given), ADDRESSES)
    assert env["OUTBOUND_ALLOWED_PRIVATE"] == "127.0.0.1:6050,localhost:6050,10.0.0.7:80"
    env = child_environment(configure(**given, SANDBOX="0"), ADDRESSES)
    assert env["OUTBOUND_ALLOWED_PRIVATE"] == given["OUTBOUND_ALLOWED_PRIVATE"]


def test_without_the_sandbox_nothing_points_at_it(configure: Callable[..., Config]) -> None:
    env = child_environment(configure(SANDBOX="0"), ADDRESSES)
    assert {"SANDBOX_URL", "GRAPH_BASE_URL", "EMAIL_URL", "OUTBOUND_ALLOWED_PRIVATE"} & set(
        env
    ) == set()


def test_what_was_given_wins_over_our_choices(configure: Callable[..., Config]) -> None:
    env = child_environment(configure(EMAIL_URL="smtp://mail:25", DEBUG="true"), ADDRESSES)
    assert (env["EMAIL_URL"], env["DEBUG"]) == ("smtp://mail:25", "true")


def test_bytecode_is_kept_among_the_data_where_it_is_not_wanted_beside_the_sources(
    configure: Callable[..., Config],
) -> None:
    config = configure(PYTHONDONTWRITEBYTECODE="1")
    env = child_environment(config, ADDRESSES)
    assert env["PYTHONPYCACHEPREFIX"] == str(config.data_dir / "bytecode")
    assert env["PYTHONDONTWRITEBYTECODE"] == ""
    assert "PYTHONPYCACHEPREFIX" not in child_environment(configure(), ADDRESSES)
