"""Settings come from the environment, are typed, and print without secrets."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from assistant.settings import Settings


def test_a_setting_is_read_from_the_environment_with_its_prefix(monkeypatch):
    monkeypatch.setenv("AISLE_PORT", "9000")
    monkeypatch.setenv("AISLE_CACHE", "~/weights")
    assert Settings().port == 9000
    assert Settings().cache == Path("~/weights").expanduser()


def test_every_path_may_begin_with_the_home_folder(monkeypatch):
    paths = [name for name, field in Settings.model_fields.items() if "Path" in str(field.annotation)]
    assert {"regressions", "token_public_key", "versions"} <= set(paths)
    for name in paths:
        monkeypatch.setenv(f"AISLE_{name.upper()}", "~/somewhere")
    settings = Settings()
    assert {getattr(settings, name) for name in paths} == {Path("~/somewhere").expanduser()}


def test_none_in_the_environment_serves_the_bare_base_model(monkeypatch):
    monkeypatch.setenv("AISLE_ADAPTER", "none")
    assert Settings().adapter is None


def test_a_wrong_value_is_refused_by_name(monkeypatch):
    monkeypatch.setenv("AISLE_PORT", "99999")
    with pytest.raises(ValidationError, match="port"):
        Settings()


def test_an_unknown_setting_is_refused():
    with pytest.raises(ValidationError, match="prot"):
        Settings(prot=1)


def test_settings_cannot_be_changed_later():
    with pytest.raises(ValidationError, match="frozen"):
        Settings().port = 1


def test_the_description_masks_the_database_password():
    shown = Settings(database_url="postgresql+psycopg://shop:s3cr:et@db.example/shop").describe()
    assert "s3cr" not in shown and "et@" not in shown
    assert "postgresql+psycopg://shop:***@db.example/shop" in shown
