"""One folder per provider: a provider's slug appears nowhere else."""

from tests.architecture.sources import ROOT, python_files, templates

SLUGS = ("whatsapp_cloud", "twilio_sms")
# The addresses that providers post to are a contract, and name who speaks there.
AT_HOME = ("connections/providers/", "connections/registry.py", "webhooks/ingress/urls.py")


def test_a_providers_slug_stands_in_its_folder_and_the_registry_only() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {slug}"
        for path in (*python_files(), *templates())
        for slug in SLUGS
        if not str(path.relative_to(ROOT)).startswith(AT_HOME) and slug in path.read_text()
    ]
    assert found == []


# What other systems are called: their settings, their stand-ins and the names of sources that are
# theirs too (webhooks/sources/presets) stand elsewhere.
SYSTEMS = ("kommo", "grapfy")
SYSTEMS_AT_HOME = (
    *("integrations/providers/", "integrations/registry.py", "integrations/migrations/"),
    *("config/settings/", "webhooks/sources/"),
)


def test_a_systems_slug_stands_in_its_folder_and_the_registry_only() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {slug}"
        for path in (*python_files(), *templates())
        for slug in SYSTEMS
        if not str(path.relative_to(ROOT)).startswith(SYSTEMS_AT_HOME) and slug in path.read_text()
    ]
    assert found == []
