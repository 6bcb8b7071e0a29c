"""Versions of the model: kept for good, one of them live, and the way back never lost."""

import json
import multiprocessing
import shutil
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from assistant.versions.registry import SHIPPED, NoAdapter, NoSuchVersion, NotPromotable, Registry


def test_without_versions_the_adapter_of_the_settings_is_live(registry, tmp_path):
    live = registry.live()
    assert (live.name, live.state, live.adapter) == (SHIPPED, "live", tmp_path / "shipped")
    assert registry.before() is None and registry.history() == [] and registry.stamp() == 0
    assert not registry.root.exists(), "looking makes no folder"


def test_a_trained_adapter_is_kept_as_a_candidate_with_its_manifest(registry, trained):
    version = registry.add(trained("one"), "tess", "more returns")
    assert (version.name, version.state, version.created_by, version.note) == (
        "v001",
        "candidate",
        "tess",
        "more returns",
    )
    assert version.manifest["weights"] == "one"
    assert (version.adapter / "adapter_model.safetensors").read_text("utf-8") == "one"
    assert registry.live().name == SHIPPED


def test_promoting_and_rolling_back_walk_the_same_way(registry, trained):
    for name in ("one", "two"):
        registry.add(trained(name), "tess")
    registry.promote("v001", "tess")
    registry.promote("v002", "ada", "it knows gift cards")
    assert {one.name: one.state for one in registry.versions()} == {
        "v002": "live",
        "v001": "retired",
        "shipped": "retired",
    }
    assert registry.before().name == "v001"
    assert registry.roll_back("ada").name == "v001"
    assert registry.roll_back("ada", "so was this").name == SHIPPED
    with pytest.raises(NotPromotable, match="nothing to roll back to"):
        registry.roll_back("ada")
    told = [(one.kind, one.version, one.before, one.by, one.reason) for one in registry.history()]
    assert told == [
        ("promoted", "v001", SHIPPED, "tess", ""),
        ("promoted", "v002", "v001", "ada", "it knows gift cards"),
        ("rolled back", "v001", "v002", "ada", ""),
        ("rolled back", SHIPPED, "v001", "ada", "so was this"),
    ]
    assert {one.state for one in registry.versions()} == {"retired", "live"}


def test_the_shipped_adapter_can_be_promoted_again(registry, trained):
    registry.add(trained("one"), "tess")
    registry.promote("v001", "tess")
    assert registry.promote(SHIPPED, "tess").name == SHIPPED
    assert registry.roll_back("tess").name == "v001"


def test_a_version_whose_folder_was_taken_away_is_not_rolled_back_to_and_can_be_left(registry, trained):
    for name in ("one", "two"):
        registry.promote(registry.add(trained(name), "tess").name, "tess")
    shutil.rmtree(registry.version("v001").adapter)
    with pytest.raises(NotPromotable, match="v001 was live before, and is no longer in"):
        registry.roll_back("tess")
    assert registry.live_name() == "v002" and len(registry.history()) == 2 and registry.before() is None
    shutil.rmtree(registry.version("v002").adapter)
    assert [one.state for one in registry.versions()] == ["retired"], "the list is shown all the same"
    assert registry.promote(SHIPPED, "tess").name == SHIPPED


@pytest.mark.parametrize("name", ["v999", "../v001", "", ".lock"])
def test_what_is_no_version_is_refused(registry, trained, name):
    registry.add(trained("one"), "tess")
    with pytest.raises(NoSuchVersion):
        registry.promote(name, "tess")
    assert registry.live().name == SHIPPED


def test_the_live_version_is_not_promoted_twice(registry, trained):
    registry.add(trained("one"), "tess")
    registry.promote("v001", "tess")
    with pytest.raises(NotPromotable, match="v001 is live already"):
        registry.promote("v001", "tess")
    assert len(registry.history()) == 1


def test_a_folder_that_lacks_a_part_becomes_no_version(registry, trained):
    folder = trained("one")
    (folder / "manifest.json").unlink()
    with pytest.raises(NoAdapter, match=r"lacks manifest\.json"):
        registry.add(folder, "tess")
    assert registry.versions()[0].name == SHIPPED


def test_a_copy_that_breaks_off_leaves_no_version(registry, trained, monkeypatch):
    def full(path, content):
        raise OSError("disk full")

    monkeypatch.setattr("assistant.versions.registry.write_json", full)
    with pytest.raises(OSError, match="disk full"):
        registry.add(trained("one"), "tess")
    assert list(registry.root.iterdir()) == []


def test_a_change_that_breaks_off_leaves_the_pointer_as_it_was(registry, trained, monkeypatch):
    registry.add(trained("one"), "tess")
    registry.promote("v001", "tess")
    before = (registry.root / "live.json").read_text("utf-8")

    def crash(part, path):
        raise OSError("the machine goes down")

    monkeypatch.setattr("assistant.versions.files.os.replace", crash)
    with pytest.raises(OSError, match="goes down"):
        registry.roll_back("tess")
    assert (registry.root / "live.json").read_text("utf-8") == before
    assert not list(registry.root.glob("*.part")) and not list(registry.root.glob(".*.part"))


def add_and_promote(root: Path, adapter: Path, times: int) -> None:
    """What each of the two processes does."""
    registry = Registry(root, None)
    for _ in range(times):
        version = registry.add(adapter, "one of two")
        registry.promote(version.name, "one of two")
        assert registry.live().state == "live"


def test_two_processes_lose_no_version_and_no_line_of_history(registry, trained):
    spawn = multiprocessing.get_context("spawn")
    both = [spawn.Process(target=add_and_promote, args=(registry.root, trained(name), 6)) for name in ("a", "b")]
    for process in both:
        process.start()
    while any(process.is_alive() for process in both):
        pointer = registry.root / "live.json"
        assert not pointer.exists() or json.loads(pointer.read_text("utf-8"))["line"]  # whole whenever it is read
        both[0].join(0.01)
    assert [process.exitcode for process in both] == [0, 0], sys.version
    assert len(registry.versions()) == 13
    history = registry.history()
    assert len(history) == 12
    assert all(after.before == earlier.version for earlier, after in pairwise(history))
