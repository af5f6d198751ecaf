"""Secrets are made once, kept private, and never override what was given."""

import base64
from collections.abc import Callable

from ops.config import Config, read_dotenv
from ops.secrets import local_secrets

Configure = Callable[..., Config]


def test_secrets_are_made_once_and_readable_by_the_owner_alone(configure: Configure) -> None:
    config = configure()
    made = local_secrets(config)
    kid, _, key = made["ENCRYPTION_KEYS"].partition(":")
    assert (kid, len(base64.urlsafe_b64decode(key))) == ("k1", 32)
    assert len(made["SECRET_KEY"]) >= 50
    assert (config.data_dir / "secret.env").stat().st_mode & 0o777 == 0o600
    assert local_secrets(config) == made


def test_a_file_with_one_secret_missing_keeps_the_other(configure: Configure) -> None:
    config = configure()
    path = config.data_dir / "secret.env"
    path.write_text("ENCRYPTION_KEYS=k0:kept\n")
    assert local_secrets(config)["ENCRYPTION_KEYS"] == "k0:kept"
    assert set(read_dotenv(path)) == {"SECRET_KEY", "ENCRYPTION_KEYS"}


def test_given_secrets_are_not_made(configure: Configure) -> None:
    config = configure(SECRET_KEY="given", ENCRYPTION_KEYS_FILE="/run/secrets/keys")
    assert local_secrets(config) == {}
    assert not (config.data_dir / "secret.env").exists()
