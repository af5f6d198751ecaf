"""The production files refer to things that exist and hold no secret."""

import re
import shlex
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy import alive
from ops.config import ROOT
from ops.programs import QUEUES

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|_KEY|KEYS|AUTH")
REQUIRED = re.compile(r"\$\{\w+:\?[^}]*\}")
OPTIONAL = re.compile(r"\$\{\w+:-\}")


def words(service: dict[str, Any]) -> list[str]:
    command = service.get("command", "")
    text = command[-1] if isinstance(command, list) else command
    return shlex.split(text)


def test_the_services_are_those_of_the_house() -> None:
    others = {"db", "redis", "release", "proxy", "web", "sockets", "scan", "beat", "prometheus"}
    assert set(SERVICES) == others | set(QUEUES.split(","))


def test_each_queue_has_a_worker_of_its_own() -> None:
    queues = {
        name: words(s)[words(s).index("-Q") + 1] for name, s in OURS.items() if "-Q" in words(s)
    }
    assert queues == {queue: queue for queue in QUEUES.split(",")}


def applications() -> Iterator[tuple[str, str]]:
    for name, service in OURS.items():
        for word in re.findall(r"[a-z_.]+:application", " ".join(words(service))):
            yield name, word


def test_web_and_sockets_serve_applications_that_exist() -> None:
    found = dict(applications())
    assert found == {"web": "config.wsgi:application", "sockets": "config.asgi:application"}
    for target in found.values():
        source = ROOT / f"{target.split(':')[0].replace('.', '/')}.py"
        assert re.search(r"^application\b", source.read_text(), re.MULTILINE)


def test_every_management_command_exists() -> None:
    text = "\n".join(" ".join(words(service)) for service in OURS.values())
    used = set(re.findall(r"manage\.py (\w+)", text))
    assert used == {"migrate_companies", "collectstatic", "scan"}
    for command in used - {"collectstatic"}:
        assert list(ROOT.glob(f"*/management/commands/{command}.py"))


def test_what_the_settings_require_is_given_to_each_of_our_services() -> None:
    settings = (ROOT / "config" / "settings" / "base.py").read_text()
    required = set(re.findall(r'(?<!_)secret\("(\w+)"\)', settings))
    assert required >= {"SECRET_KEY", "ENCRYPTION_KEYS", "DATABASE_URL"}
    for service in OURS.values():
        assert required - set(service["environment"]) == set()


def test_no_secret_stands_in_the_file() -> None:
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if SECRET.search(variable):
                assert REQUIRED.fullmatch(value) or OPTIONAL.fullmatch(value), (name, variable)
            if "@" in value and not REQUIRED.fullmatch(value):
                assert REQUIRED.search(value.rpartition("@")[0]), (name, variable)


def test_every_required_variable_is_explained_once() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    required = set(re.findall(r"\$\{(\w+):\?", text))
    explained = set(re.findall(r"\$\{(\w+):\?[^}]+\}", text))
    example = set(re.findall(r"^#?(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert required == explained
    assert required - example == set()


def test_every_lasting_service_has_a_health_check_and_comes_back() -> None:
    lasting = {name: service for name, service in SERVICES.items() if name != "release"}
    assert [name for name, service in lasting.items() if "test" not in service["healthcheck"]] == []
    assert {service["restart"] for service in lasting.values()} == {"unless-stopped"}
    assert SERVICES["release"]["restart"] == "no"


def test_only_the_proxy_is_reachable_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    for name in ("db", "redis"):
        assert SERVICES[name]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}


def test_what_services_wait_for_and_mount_exists() -> None:
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) - set(SERVICES) == set()
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            known = (
                (ROOT / source).exists()
                if source.startswith("./")
                else source in COMPOSE["volumes"]
            )
            assert known, volume


def test_health_checks_tell_the_living_from_the_dead(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        target = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        assert alive.main(target) == 0
    assert alive.main(target) == 1
    assert "ConnectionRefusedError" in capsys.readouterr().err


def test_our_health_checks_name_what_they_can_check() -> None:
    ours = {
        service["healthcheck"]["test"][-1]
        for service in SERVICES.values()
        if "deploy.alive" in service["healthcheck"].get("test", [])
    }
    assert ours == {
        "http://127.0.0.1:5000/health",
        "tcp://127.0.0.1:5001",
        "heartbeat:scan",
        "heartbeat:beat",
    }


def test_the_proxy_sends_sockets_to_daphne_and_hides_the_metrics() -> None:
    text = (ROOT / "deploy" / "Caddyfile").read_text()
    blocks = re.findall(r"handle(?:_path)? ?(\S*) \{(.*?)\n\t\}", text, re.DOTALL)
    routes = {path: " ".join(body.split()) for path, body in blocks}
    assert list(routes) == ["/ws/*", "/static/*", "/metrics*", "/webhooks/*", ""]
    assert routes["/ws/*"] == "reverse_proxy sockets:5001"
    assert routes["/metrics*"] == "respond 404"
    assert routes[""].startswith("reverse_proxy web:5000")


def test_prometheus_scrapes_services_with_the_token() -> None:
    found = yaml.safe_load((ROOT / "deploy" / "prometheus.yml").read_text())
    for job in found["scrape_configs"]:
        assert job["authorization"] == {"credentials_file": "/run/secrets/metrics_token"}
        for config in job["static_configs"]:
            assert {target.split(":")[0] for target in config["targets"]} <= set(SERVICES)


def test_the_image_runs_as_an_ordinary_user_and_copies_what_exists() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert "USER app" in lines
    for line in lines:
        if line.startswith("COPY ") and "--from" not in line:
            *sources, _ = line.split()[1:]
            assert all((ROOT / source).exists() for source in sources), line


def test_secrets_and_data_stay_out_of_the_image() -> None:
    ignored = set((ROOT / ".dockerignore").read_text().splitlines())
    assert {".env", ".data", ".git", ".venv"} - ignored == set()


def has_compose() -> bool:
    docker = shutil.which("docker")
    return (
        bool(docker)
        and not subprocess.run([docker, "compose", "version"], capture_output=True).returncode
    )


@pytest.mark.skipif(not has_compose(), reason="docker compose is not installed")
def test_compose_reads_the_file(tmp_path: Path) -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    variables = dict.fromkeys(re.findall(r"\$\{(\w+):\?", text), "x")
    done = subprocess.run(
        ["docker", "compose", "--project-directory", ROOT, "config", "-q"],
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": str(tmp_path), **variables},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
