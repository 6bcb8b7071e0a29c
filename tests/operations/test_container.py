"""What staff make in a container outlives it: every folder that the server writes to lies in the volume."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from assistant.settings import Settings

ROOT = Path(__file__).parents[2]
VOLUME = Path("/data")
READ_ONLY = {"adapter", "token_public_key"}  # the server writes to neither
MADE_AGAIN = {"cache"}


def environment() -> dict[str, str]:
    """What the Dockerfile sets for the server."""
    return dict(re.findall(r"\b(AISLE_\w+)=(\S+)", (ROOT / "Dockerfile").read_text("utf-8")))


def test_every_folder_that_the_server_writes_to_lies_in_the_volume(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    folders = {name for name, field in Settings.model_fields.items() if "Path" in str(field.annotation)}
    for name in folders - READ_ONLY - MADE_AGAIN:
        assert VOLUME in getattr(settings, name).parents, name
    assert settings.database_url.startswith(f"sqlite:///{VOLUME}/")


def test_compose_gives_the_volume_a_name_so_that_a_new_container_has_it_too() -> None:
    compose = YAML(typ="safe").load((ROOT / "compose.yaml").read_text("utf-8"))
    [(name, target)] = [volume.split(":") for volume in compose["services"]["web"]["volumes"]]
    assert target == str(VOLUME) and name in compose["volumes"]
