"""The full environment of the product's processes on this machine."""

from ops.config import Config
from ops.secrets import local_secrets
from ops.services import Addresses


def child_environment(config: Config, addresses: Addresses) -> dict[str, str]:
    """Everything that config.settings reads: what the person gave, and our choices for the rest."""
    given = dict(config.values)
    fixed = {
        "DATA_DIR": str(config.data_dir),
        "DATABASE_URL": addresses.database_url,
        "REDIS_URL": addresses.redis_url,
        "PORT": str(config.port),
        "SOCKET_PORT": str(config.socket_port),
        "SANDBOX_PORT": str(config.sandbox_port),
        "SANDBOX_SMTP_PORT": str(config.smtp_port),
        "PYTHONUNBUFFERED": "1",
        **_bytecode(config),
        **local_secrets(config),
        **(_reachable(config) if config.sandbox else {}),
    }
    chosen = {
        "DEBUG": "false",
        "PLATFORM_URL": config.address,
        **(_sandbox(config) if config.sandbox else {}),
    }
    return chosen | given | fixed


def _bytecode(config: Config) -> dict[str, str]:
    """Who wants no bytecode beside the sources gets it among the data: without any, each of our
    many processes would compile Django anew, some seconds each."""
    if "PYTHONDONTWRITEBYTECODE" not in config.values:
        return {}
    prefix = config.values.get("PYTHONPYCACHEPREFIX") or str(config.data_dir / "bytecode")
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": prefix}


def _sandbox(config: Config) -> dict[str, str]:
    """The providers' addresses while the sandbox stands in for them; each may be set by hand."""
    host = f"127.0.0.1:{config.sandbox_port}"
    return {
        "SANDBOX_URL": config.sandbox_address,
        "GRAPH_BASE_URL": f"http://{host}/graph",
        "TWILIO_BASE_URL": f"http://{host}/twilio",
        "KOMMO_BASE_URL": f"http://{host}/kommo/{{subdomain}}",
        "KOMMO_OAUTH_URL": f"{config.sandbox_address}/kommo/oauth",
        "KOMMO_CLIENT_ID": "sandbox-kommo-client",
        "KOMMO_CLIENT_SECRET": "sandbox-kommo-secret",
        "SANDBOX_STATE_DIR": str(config.data_dir / "sandbox"),
        "SANDBOX_WEBHOOK_BASE": f"http://127.0.0.1:{config.port}",
        "EMAIL_URL": f"smtp://127.0.0.1:{config.smtp_port}",
    }


def _reachable(config: Config) -> dict[str, str]:
    """What the person lets outbound calls reach in their own network, and the sandbox with it."""
    given = config.values.get("OUTBOUND_ALLOWED_PRIVATE", "")
    ours = [f"{name}:{config.sandbox_port}" for name in ("127.0.0.1", "localhost")]
    hosts = [*ours, *(host.strip() for host in given.split(","))]
    return {"OUTBOUND_ALLOWED_PRIVATE": ",".join(dict.fromkeys(filter(None, hosts)))}
